# The histogram of a report, as SVG.

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
