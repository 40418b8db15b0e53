# Charts of the confidence and of thresholds.

# `decision` and `decisions` are NULL without decisions.
draw_confidence <- function(x, rates, label, decision, decisions) {
  groups <- confidence_by_label(x, label)
  counts <- count_confidence(groups)
  tallest <- max(1, rowSums(counts))
  labels <- paste0(rates$threshold, ": ", format_percent(rates$share), " pass")
  lines <- chart_lines(rates$threshold, labels, decision)
  draw_labels <- open_chart(tallest, lines, "Confidence", "Sessions", chart_sub(x, decisions))
  graphics::axis(2, unique(floor(pretty(c(0, tallest)))), las = 1)
  left <- confidence_breaks[-length(confidence_breaks)]
  right <- confidence_breaks[-1]
  bottom <- numeric(length(left))
  colors <- group_colors(names(groups))
  for (group in seq_along(groups)) {
    top <- bottom + counts[, group]
    is_bar <- top > bottom
    graphics::rect(
      left[is_bar],
      bottom[is_bar],
      right[is_bar],
      top[is_bar],
      col = colors[group],
      border = graphics::par("bg")
    )
    bottom <- top
  }
  draw_labels()
  if (length(groups) > 1) {
    draw_legend(group_titles[names(groups)], fill = colors, border = NA)
  }
}

draw_thresholds <- function(x, rates, label, decision, decisions, call) {
  at <- seq(0, 100, 0.1)
  curve <- threshold_rates(x, at, label, call)
  labels <- if (is.null(label)) {
    format_percent(rates$share)
  } else {
    paste0("FA ", format_percent(rates$false_accept), ", FR ", format_percent(rates$false_reject))
  }
  labels <- paste0(rates$threshold, ": ", labels)
  ylab <- if (is.null(label)) "Sessions that pass (%)" else "Error rate (%)"
  lines <- chart_lines(rates$threshold, labels, decision)
  draw_labels <- open_chart(1, lines, "Threshold", ylab, chart_sub(x, decisions))
  graphics::axis(2, seq(0, 1, 0.2), seq(0, 100, 20), las = 1)
  colors <- group_colors(c("live", "attack"))
  if (is.null(label)) {
    graphics::lines(at, curve$share, col = colors[1], lwd = 2, type = "s")
    return(draw_labels())
  }
  graphics::lines(at, curve$false_accept, col = colors[2], lwd = 2, lty = 1, type = "s")
  graphics::lines(at, curve$false_reject, col = colors[1], lwd = 2, lty = 2, type = "s")
  draw_labels()
  draw_legend(
    c(
      paste0("FA: false accept (", pluralize(curve$attacks[1], "attack"), ")"),
      paste0("FR: false reject (", pluralize(curve$live[1], "live person", "live people"), ")")
    ),
    col = rev(colors),
    lty = c(1, 2),
    lwd = 2
  )
}

# The vertical lines of a chart, with their labels: of thresholds, and of the thresholds of decisions, by name.
chart_lines <- function(thresholds, labels, decision) {
  data.frame(
    at = c(thresholds, unname(decision)),
    label = c(labels[seq_along(thresholds)], describe_decision(decision)),
    type = rep(c(3, 5), c(length(thresholds), length(decision)))
  )
}

chart_sub <- function(x, decisions) {
  paste0(describe_sessions(x), if (!is.null(decisions)) paste0("; ", describe_decisions(decisions)))
}

# A chart from 0 to 100 whose content is up to `top` high, with space for the labels of `lines` above it: labels that
# would overlap go on separate lines. Returns the function that draws the labels over the content.
open_chart <- function(top, lines, xlab, ylab, sub) {
  graphics::plot.new()
  page <- graphics::par("pin")
  thresholds <- lines$at
  labels <- lines$label
  # An axis extends by 4 % of its length on both sides.
  width <- graphics::strwidth(labels, "inches", cex = 0.8) * 108 / page[1] + 1
  at <- pmin(pmax(thresholds, width / 2 - 4), 104 - width / 2)
  line <- stack_labels(at, width)
  height <- diff(graphics::strheight(c("M", "M\nM"), "inches", cex = 0.8)) * 1.1 / page[2]
  top <- 1.04 * top / (1 - min(0.6, max(0, line) * height))
  graphics::plot.window(c(0, 100), c(0, top), yaxs = "i")
  graphics::axis(1)
  graphics::box(bty = "l")
  graphics::title(xlab = xlab, sub = sub, cex.sub = 0.8)
  # The title of the axis is beside its labels, which are as wide as the largest count.
  counts <- format(pretty(c(0, top)), scientific = FALSE, trim = TRUE)
  title_line <- max(graphics::strwidth(counts, "inches")) / graphics::par("csi") + 1.5
  title_line <- min(max(graphics::par("mgp")[1], title_line), graphics::par("mar")[2] - 1.1)
  graphics::title(ylab = ylab, line = title_line)
  function() {
    if (length(labels) == 0) {
      return(invisible())
    }
    y <- top * (1 - height * (line - 0.5))
    graphics::segments(thresholds, 0, thresholds, y, lty = lines$type)
    half <- top * height / 2
    graphics::rect(at - width / 2, y - half, at + width / 2, y + half, col = background_color(), border = NA)
    graphics::text(at, y, labels, cex = 0.8)
  }
}

# In the margin above the chart.
draw_legend <- function(labels, ...) {
  usr <- graphics::par("usr")
  draw <- function(horiz, plot = TRUE) {
    graphics::legend(
      usr[1],
      usr[4],
      labels,
      ...,
      horiz = horiz,
      bty = "n",
      yjust = 0,
      xpd = NA,
      cex = 0.9,
      plot = plot
    )
  }
  draw(horiz = draw(TRUE, plot = FALSE)$rect$w < 1.1 * diff(usr[1:2]))
}
