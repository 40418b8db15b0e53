# The histogram of a report, as SVG.

# Lengths along the page are percentages, so that letters keep their size when the page is narrow.
report_histogram <- function(x, rates, label) {
  groups <- if (!is.null(x[["confidence"]])) split_by_label(x, label)
  values <- unlist(groups)
  heading <- r"(<h2 id="histogram-title">Confidence</h2>)"
  if (length(values) == 0) {
    return(c("<section>", heading, tag("p", class = "quiet", "No session has a confidence."), "</section>"))
  }
  counts <- count_confidence(groups)
  height <- 170
  ticks <- unique(round(pretty(c(0, max(rowSums(counts))), 4)))
  per_session <- height / max(ticks)
  # Wide enough to be kept apart even on a telephone.
  line <- stack_lines(rates$threshold, 15)
  top <- 14 * max(0, line) + 8
  bottom <- top + height
  length_in <- function(x, unit = "") paste0(format_number(x, "%.5g"), unit)
  bars <- unlist(lapply(seq_along(groups), function(group) {
    below <- rowSums(counts[, seq_len(group - 1), drop = FALSE])
    n <- counts[, group]
    bar <- which(n > 0)
    from <- confidence_breaks[bar]
    to <- confidence_breaks[bar + 1]
    tag(
      "rect",
      class = group_class(names(groups)[group]),
      x = length_in(from + 0.1, "%"),
      y = length_in(bottom - (below[bar] + n[bar]) * per_session),
      width = "2.3%",
      height = length_in(n[bar] * per_session),
      tag("title", names(groups)[group], ", ", from, " to ", to, ": ", whole(n[bar]))
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
    r"(<section aria-labelledby="histogram-title">)",
    heading,
    "<figure>",
    if (length(groups) > 1) {
      tag("div", class = "legend", inline(tag("span", class = group_class(names(groups)), names(groups))))
    },
    paste0(
      open_tag("div", class = "chart"),
      open_tag("svg", role = "img", `aria-label` = escape_html(description), height = length_in(bottom + 44))
    ),
    svg_line("grid", "0", "100%", length_in(y), length_in(y)),
    svg_text("left", "-8", length_in(y + 4), whole(ticks)),
    svg_text(NULL, length_in(at, "%"), length_in(bottom + 18), whole(at)),
    svg_text(NULL, "50%", length_in(bottom + 38), "Confidence"),
    bars,
    svg_line("axis", "0", "100%", length_in(bottom), length_in(bottom)),
    if (NROW(rates) > 0) {
      at <- paste0(format_number(rates$threshold), "%")
      c(
        svg_line("threshold", at, at, length_in(14 * line), length_in(bottom)),
        svg_text("threshold", at, length_in(14 * line - 4), rates$threshold)
      )
    },
    "</svg></div>",
    tag("figcaption", class = "quiet", escape_html(left_out(x))),
    "</figure>",
    "</section>"
  )
}

group_class <- function(group) {
  paste0("group-", sub(" .*", "", group))
}

svg_line <- function(class, x1, x2, y1, y2) {
  sprintf(r"(<line class="%s" x1="%s" x2="%s" y1="%s" y2="%s"/>)", class, x1, x2, y1, y2)
}

svg_text <- function(class, x, y, words) {
  tag("text", class = class, x = x, y = y, words)
}
