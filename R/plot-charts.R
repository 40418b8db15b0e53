# Charts of the confidence and of thresholds.

# `decision` and `decisions` are NULL without decisions.
draw_confidence <- function(x, rates, label, decision, decisions) {
  groups <- confidence_by_label(x, label)
  counts <- count_confidence(groups)
  tallest <- max(1, rowSums(counts))
  labels <- paste0(format_percent(rates$share), " pass")
  lines <- chart_lines(rates$threshold, labels, decision)
  draw_labels <- open_chart(tallest, lines, "Confidence", "Sessions", chart_sub(x, decisions))
  if (all(is.na(x$confidence))) {
    return(draw_no_confidence())
  }
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
  describe_rates <- function(rates) {
    if (is.null(label)) {
      return(format_percent(rates$share))
    }
    paste0("FA ", format_percent(rates$false_accept), ", FR ", format_percent(rates$false_reject))
  }
  # In ascending order, unlike `decision`.
  decided <- threshold_rates(x, decision, label, call)
  ylab <- if (is.null(label)) "Sessions that pass (%)" else "Error rate (%)"
  lines <- chart_lines(rates$threshold, describe_rates(rates), decision, rev(describe_rates(decided)))
  draw_labels <- open_chart(1, lines, "Threshold", ylab, chart_sub(x, decisions))
  if (all(is.na(x$confidence))) {
    return(draw_no_confidence())
  }
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

# The vertical lines of a chart, with their labels: of thresholds, and of the thresholds of decisions, by name. `values`
# are shown after these; a threshold that is also one of a decision is shown once.
chart_lines <- function(thresholds, values, decision, decision_values = NULL) {
  names <- describe_decision(decision)
  if (is.null(decision_values)) {
    decision_values <- values[match(decision, thresholds)]
  }
  is_own <- !thresholds %in% decision
  data.frame(
    at = c(thresholds[is_own], unname(decision)),
    label = c(
      paste0(thresholds[is_own], ": ", values[is_own], recycle0 = TRUE),
      paste0(names, ifelse(is.na(decision_values), "", paste0(": ", decision_values)), recycle0 = TRUE)
    ),
    type = rep(c(3, 5), c(sum(is_own), length(decision)))
  )
}

draw_no_confidence <- function() {
  usr <- graphics::par("usr")
  draw_text("No session has a confidence.", mean(usr[1:2]), mean(usr[3:4]), usr[2] - usr[1])
}

chart_sub <- function(x, decisions) {
  paste0(describe_sessions(x), if (!is.null(decisions)) paste0("; ", describe_decisions(decisions)))
}

# A chart from 0 to 100 whose content is up to `top` high, with space for the labels of `lines` above it. Returns the
# function that draws the lines and labels over the content.
open_chart <- function(top, lines, xlab, ylab, sub) {
  graphics::plot.new()
  page <- graphics::par("pin")
  # An axis extends by 4 % of its length on both sides. A label of half the width fits beside any line.
  width <- graphics::strwidth(lines$label, "inches", cex = 0.8) * 108 / page[1] + 2
  cex <- 0.8 * min(1, 54 / max(1, width))
  width <- width * cex / 0.8
  place <- place_labels(lines$at, width, -4, 104)
  height <- diff(graphics::strheight(c("M", "M\nM"), "inches", cex = cex)) * 1.1 / page[2]
  top <- 1.04 * top / (1 - min(0.6, max(0, place$row) * height))
  graphics::plot.window(c(0, 100), c(0, top), yaxs = "i")
  graphics::axis(1)
  graphics::box(bty = "l")
  graphics::title(xlab = xlab)
  draw_sub(sub)
  # The title of the axis is beside its labels, which are as wide as the largest count.
  counts <- format(pretty(c(0, top)), scientific = FALSE, trim = TRUE)
  title_line <- max(graphics::strwidth(counts, "inches")) / graphics::par("csi") + 1.5
  title_line <- min(max(graphics::par("mgp")[1], title_line), graphics::par("mar")[2] - 1.1)
  graphics::title(ylab = ylab, line = title_line)
  function() {
    if (nrow(lines) == 0) {
      return(invisible())
    }
    y <- top * (1 - height * (place$row - 0.5))
    graphics::segments(lines$at, 0, lines$at, y + top * height * 0.4, lty = lines$type)
    for (side in unique(place$side)) {
      is_here <- place$side == side
      graphics::text(
        lines$at[is_here] + side,
        y[is_here],
        lines$label[is_here],
        cex = cex,
        adj = c(side < 0, 0.5)
      )
    }
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
