# The histogram of a report, as SVG.

# Horizontal lengths are percentages, so that the size of text does not depend on the width of the page.
report_histogram <- function(report) {
  x <- report$results
  rates <- report$rates
  groups <- if (!is.null(x[["confidence"]])) confidence_by_label(x, report$label)
  values <- unlist(groups)
  heading <- r"(<h2 id="histogram-title">Confidence</h2>)"
  if (length(values) == 0) {
    return(c("<section>", heading, tag("p", class = "muted", "No session has a confidence."), "</section>"))
  }
  group_class <- paste0("group-", names(groups))
  counts <- count_confidence(groups)
  height <- 170
  ticks <- unique(round(pretty(c(0, max(rowSums(counts))), 4)))
  per_session <- height / max(ticks)
  lines <- histogram_lines(rates$threshold, report$decision)
  top <- 14 * max(0, lines$row) + 8
  bottom <- top + height
  svg_length <- function(x, unit = "") paste0(format_number(x, "%.5g"), unit)
  bars <- unlist(lapply(seq_along(groups), function(group) {
    below <- rowSums(counts[, seq_len(group - 1), drop = FALSE])
    n <- counts[, group]
    bar <- which(n > 0)
    from <- confidence_breaks[bar]
    to <- confidence_breaks[bar + 1]
    tag(
      "rect",
      class = group_class[group],
      x = svg_length(from + 0.1, "%"),
      y = svg_length(bottom - (below[bar] + n[bar]) * per_session),
      width = "2.3%",
      height = svg_length(n[bar] * per_session),
      tag("title", group_titles[[names(groups)[group]]], ", ", from, " to ", to, ": ", format_count(n[bar]))
    )
  }))
  at <- seq(0, 100, 10)
  y <- bottom - ticks * per_session
  description <- paste0(
    "Histogram of the confidence of ",
    pluralize(length(values), "session"),
    ", from ",
    format_score(min(values)),
    " to ",
    format_score(max(values)),
    ", median ",
    format_score(stats::median(values)),
    if (NROW(rates) > 0) {
      paste0("; ", rates$threshold, ": ", format_percent(rates$share), " pass", collapse = "")
    },
    if (!is.null(report$decision)) {
      paste(c("", describe_decision(report$decision), describe_decisions(report$decisions)), collapse = "; ")
    }
  )
  c(
    r"(<section aria-labelledby="histogram-title">)",
    heading,
    "<figure>",
    if (length(groups) > 1) {
      tag("div", class = "legend", inline(tag("span", class = group_class, group_titles[names(groups)])))
    },
    paste0(
      open_tag("div", class = "chart"),
      open_tag("svg", role = "img", `aria-label` = escape_html(description), height = svg_length(bottom + 44))
    ),
    svg_line("grid", "0", "100%", svg_length(y), svg_length(y)),
    svg_text("left", "-8", svg_length(y + 4), format_count(ticks)),
    svg_text(NULL, svg_length(at, "%"), svg_length(bottom + 18), format_count(at)),
    svg_text(NULL, "50%", svg_length(bottom + 38), "Confidence"),
    bars,
    svg_line("axis", "0", "100%", svg_length(bottom), svg_length(bottom)),
    if (NROW(lines) > 0) {
      at <- paste0(format_number(lines$at), "%")
      c(
        svg_line(lines$class, at, at, svg_length(14 * lines$row - 13), svg_length(bottom)),
        svg_text(
          paste(lines$class, ifelse(lines$side < 0, "left", "right")),
          at,
          svg_length(14 * lines$row - 3),
          lines$label,
          dx = ifelse(lines$side < 0, "-4", "4")
        )
      )
    },
    "</svg></div>",
    tag("figcaption", class = "muted", escape_html(chart_sub(x, report$decisions))),
    "</figure>",
    "</section>"
  )
}

# The vertical lines and where their labels are, for a chart that is as narrow as on a phone. A threshold that is also one
# of a decision is shown once.
histogram_lines <- function(thresholds, decision) {
  thresholds <- setdiff(thresholds, decision)
  lines <- data.frame(
    at = c(thresholds, unname(decision)),
    label = c(format_number(thresholds), describe_decision(decision)),
    class = rep(c("threshold", "decision"), c(length(thresholds), length(decision)))
  )
  cbind(lines, place_labels(lines$at, 2.5 * nchar(lines$label) + 2, -15, 108))
}

svg_line <- function(class, x1, x2, y1, y2) {
  sprintf(r"(<line class="%s" x1="%s" x2="%s" y1="%s" y2="%s"/>)", class, x1, x2, y1, y2)
}

svg_text <- function(class, x, y, text, dx = NULL) {
  tag("text", class = class, x = x, y = y, dx = dx, text)
}
