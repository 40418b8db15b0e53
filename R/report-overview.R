# What a report says of all sessions together: counts, thresholds, a histogram.

report_summary <- function(x, rates, title) {
  count <- function(n, what, class = NULL) {
    class <- if (!is.null(class)) paste0(" class=\"", class, "\"")
    paste0("<div", class, "><dt>", as_html(what), "</dt><dd>", whole(n), "</dd></div>")
  }
  statuses <- count_in_order(x$status)
  errors <- count_in_order(report_verdict(x)[is.na(x$status)])
  beside <- if (!is.null(x[["error_code"]])) count_in_order(x[["error_code"]][!is.na(x$status)])
  c(
    "<header>",
    paste0("<h1>", as_html(title), "</h1>"),
    paste0("<p class=\"quiet\">Made on ", report_time(Sys.time()), " UTC</p>"),
    "<dl class=\"counts\">",
    count(nrow(x), if (nrow(x) == 1) "session" else "sessions"),
    if (length(statuses) > 0) count(statuses, names(statuses)),
    if (length(beside) > 0) count(beside, paste("with", names(beside)), "problem"),
    if (length(errors) > 0) {
      count(errors, names(errors), "problem")
    } else if (length(beside) == 0) {
      count(0, "errors")
    },
    "</dl>",
    "</header>",
    "<main>",
    "<div class=\"overview\">",
    if (NROW(rates) > 0) report_thresholds(x, rates)
  )
}

# How many of each, NA aside, the most first.
count_in_order <- function(text) {
  counts <- table(text)
  counts <- stats::setNames(as.vector(counts), names(counts))
  counts[order(-counts)]
}

report_thresholds <- function(x, rates) {
  has_label <- !is.null(rates$live)
  row <- function(tag, cells) {
    paste0("<tr>", paste0("<", tag, ">", cells, "</", sub(" .*", "", tag), ">", collapse = ""), "</tr>")
  }
  of <- function(share, all) if (all > 0) percent(share) else "none"
  body <- vapply(
    seq_len(nrow(rates)),
    function(i) {
      rate <- rates[i, ]
      row(
        "td",
        c(
          rate$threshold,
          paste(whole(rate$passed), "of", whole(rate$sessions)),
          percent(rate$share),
          if (has_label) c(of(rate$false_accept, rate$attacks), of(rate$false_reject, rate$live))
        )
      )
    },
    ""
  )
  reviewed <- if (has_label) {
    paste0(
      " Reviewed: ",
      count_of(rates$live[1], "live person"),
      ", ",
      count_of(rates$attacks[1], "attack"),
      ". False accept is the share of the attacks that pass, false reject the share of the live persons that do not."
    )
  }
  c(
    "<section class=\"thresholds\" aria-labelledby=\"thresholds-title\">",
    "<h2 id=\"thresholds-title\">Thresholds</h2>",
    "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-labelledby=\"thresholds-title\">",
    "<table>",
    paste0(
      "<thead>",
      row(
        "th scope=\"col\"",
        c("Threshold", "Passed", "Share", if (has_label) c("False accept", "False reject"))
      ),
      "</thead>"
    ),
    "<tbody>",
    body,
    "</tbody></table></div>",
    paste0(
      "<p class=\"quiet\">A session passes if its confidence is the threshold or above. Counted: ",
      as_html(left_out(x)),
      ".",
      reviewed,
      "</p>"
    ),
    "</section>"
  )
}

# Lengths along the page are percentages, so that letters keep their size when the page is narrow.
report_histogram <- function(x, rates, label) {
  groups <- if (!is.null(x[["confidence"]])) split_by_label(x, label)
  values <- unlist(groups)
  heading <- "<h2 id=\"histogram-title\">Confidence</h2>"
  if (length(values) == 0) {
    return(c("<section>", heading, "<p class=\"quiet\">No session has a confidence.</p>", "</section>"))
  }
  counts <- count_confidence(groups)
  height <- 170
  ticks <- unique(round(pretty(c(0, max(rowSums(counts))), 4)))
  per_session <- height / max(ticks)
  # Wide enough to be kept apart even on a telephone.
  line <- stack_lines(rates$threshold, 15)
  top <- 14 * max(0, line) + 8
  bottom <- top + height
  length_in <- function(x, unit = "") paste0(for_machines(x, "%.5g"), unit)
  bars <- unlist(lapply(seq_along(groups), function(group) {
    below <- rowSums(counts[, seq_len(group - 1), drop = FALSE])
    n <- counts[, group]
    bar <- which(n > 0)
    from <- confidence_breaks[bar]
    to <- confidence_breaks[bar + 1]
    paste0(
      "<rect class=\"group-",
      sub(" .*", "", names(groups)[group]),
      "\" x=\"",
      length_in(from + 0.1, "%"),
      "\" y=\"",
      length_in(bottom - (below[bar] + n[bar]) * per_session),
      "\" width=\"2.3%\" height=\"",
      length_in(n[bar] * per_session),
      "\"><title>",
      paste0(names(groups)[group], ", ", from, " to ", to, ": ", whole(n[bar])),
      "</title></rect>"
    )
  }))
  at <- seq(0, 100, 10)
  y <- bottom - ticks * per_session
  description <- paste0(
    "Histogram of the confidence of ",
    count_of(length(values), "session"),
    ", from ",
    score_text(min(values)),
    " to ",
    score_text(max(values)),
    ", median ",
    score_text(stats::median(values)),
    if (NROW(rates) > 0) {
      paste0("; ", rates$threshold, ": ", percent(rates$share), " pass", collapse = "")
    }
  )
  c(
    "<section aria-labelledby=\"histogram-title\">",
    heading,
    "<figure>",
    if (length(groups) > 1) {
      paste0(
        "<div class=\"legend\">",
        paste0(
          "<span class=\"group-",
          sub(" .*", "", names(groups)),
          "\">",
          names(groups),
          "</span>",
          collapse = ""
        ),
        "</div>"
      )
    },
    paste0(
      "<div class=\"chart\"><svg role=\"img\" aria-label=\"",
      as_html(description),
      "\" height=\"",
      length_in(bottom + 44),
      "\">"
    ),
    svg_line("grid", "0", "100%", length_in(y), length_in(y)),
    svg_text("left", "-8", length_in(y + 4), whole(ticks)),
    svg_text(NULL, length_in(at, "%"), length_in(bottom + 18), whole(at)),
    svg_text(NULL, "50%", length_in(bottom + 38), "Confidence"),
    bars,
    svg_line("axis", "0", "100%", length_in(bottom), length_in(bottom)),
    if (NROW(rates) > 0) {
      at <- paste0(for_machines(rates$threshold), "%")
      c(
        svg_line("threshold", at, at, length_in(14 * line), length_in(bottom)),
        svg_text("threshold", at, length_in(14 * line - 4), rates$threshold)
      )
    },
    "</svg></div>",
    paste0("<figcaption class=\"quiet\">", as_html(left_out(x)), "</figcaption>"),
    "</figure>",
    "</section>"
  )
}

svg_line <- function(class, x1, x2, y1, y2) {
  paste0("<line class=\"", class, "\" x1=\"", x1, "\" x2=\"", x2, "\" y1=\"", y1, "\" y2=\"", y2, "\"/>")
}

svg_text <- function(class, x, y, words) {
  class <- if (!is.null(class)) paste0(" class=\"", class, "\"")
  paste0("<text", class, " x=\"", x, "\" y=\"", y, "\">", words, "</text>")
}
