# Charts of the confidence and of thresholds.

draw_confidence <- function(x, rates, label) {
  groups <- split_by_label(x, label)
  breaks <- confidence_breaks
  counts <- count_confidence(groups)
  tallest <- max(1, rowSums(counts))
  words <- paste0(rates$threshold, ": ", percent(rates$share), " pass")
  show_words <- open_chart(tallest, rates$threshold, words, "Confidence", "Sessions", left_out(x))
  graphics::axis(2, unique(floor(pretty(c(0, tallest)))), las = 1)
  bottom <- numeric(length(breaks) - 1)
  colours <- palette_of(names(groups))
  for (group in seq_along(groups)) {
    top <- bottom + counts[, group]
    filled <- top > bottom
    graphics::rect(
      breaks[-length(breaks)][filled],
      bottom[filled],
      breaks[-1][filled],
      top[filled],
      col = colours[group],
      border = graphics::par("bg")
    )
    bottom <- top
  }
  show_words()
  if (length(groups) > 1) {
    legend_above(names(groups), fill = colours, border = NA)
  }
}

draw_thresholds <- function(x, rates, label, call) {
  at <- seq(0, 100, 0.1)
  curve <- threshold_rates(x, at, label, call)
  words <- if (is.null(label)) {
    percent(rates$share)
  } else {
    paste0("FA ", percent(rates$false_accept), ", FR ", percent(rates$false_reject))
  }
  words <- paste0(rates$threshold, ": ", words)
  what <- if (is.null(label)) "Sessions that pass (%)" else "Wrong verdicts (%)"
  show_words <- open_chart(1, rates$threshold, words, "Threshold", what, left_out(x))
  graphics::axis(2, seq(0, 1, 0.2), seq(0, 100, 20), las = 1)
  colours <- palette_of(c("live person", "attack"))
  if (is.null(label)) {
    graphics::lines(at, curve$share, col = colours[1], lwd = 2, type = "s")
    return(show_words())
  }
  graphics::lines(at, curve$false_accept, col = colours[2], lwd = 2, lty = 1, type = "s")
  graphics::lines(at, curve$false_reject, col = colours[1], lwd = 2, lty = 2, type = "s")
  show_words()
  count <- function(n, one) paste0(" (", count_of(n, one), ")")
  legend_above(
    c(
      paste0("FA: false accept", count(curve$attacks[1], "attack")),
      paste0("FR: false reject", count(curve$live[1], "live person"))
    ),
    col = rev(colours),
    lty = c(1, 2),
    lwd = 2
  )
}

# A chart over 0 to 100, whose content goes up to `top`. Above is room for the words of thresholds, which are kept apart:
# each that would lie on another is a line lower. Returns the function that draws them, over the content.
open_chart <- function(top, thresholds, words, xlab, ylab, sub) {
  graphics::plot.new()
  page <- graphics::par("pin")
  words <- words[seq_along(thresholds)]
  # Axes have 4 % of their length on either side.
  width <- graphics::strwidth(words, "inches", cex = 0.8) * 108 / page[1] + 1
  at <- pmin(pmax(thresholds, width / 2 - 4), 104 - width / 2)
  line <- stack_lines(at, width)
  height <- diff(graphics::strheight(c("M", "M\nM"), "inches", cex = 0.8)) * 1.1 / page[2]
  top <- 1.04 * top / (1 - min(0.6, max(0, line) * height))
  graphics::plot.window(c(0, 100), c(0, top), yaxs = "i")
  graphics::axis(1)
  graphics::box(bty = "l")
  graphics::title(xlab = xlab, sub = sub, cex.sub = 0.8)
  # Beside the labels of the axis, which are as wide as the counts are long.
  labels <- format(pretty(c(0, top)), scientific = FALSE, trim = TRUE)
  line <- max(graphics::strwidth(labels, "inches")) / graphics::par("csi") + 1.5
  graphics::title(ylab = ylab, line = min(max(graphics::par("mgp")[1], line), graphics::par("mar")[2] - 1.1))
  function() {
    if (length(words) == 0) {
      return(invisible())
    }
    y <- top * (1 - height * (line - 0.5))
    graphics::segments(thresholds, 0, thresholds, y, lty = 3)
    half <- top * height / 2
    graphics::rect(at - width / 2, y - half, at + width / 2, y + half, col = paper_colour(), border = NA)
    graphics::text(at, y, words, cex = 0.8)
  }
}

# In the margin, where nothing is drawn.
legend_above <- function(words, ...) {
  usr <- graphics::par("usr")
  draw <- function(horiz, plot = TRUE) {
    graphics::legend(
      usr[1],
      usr[4],
      words,
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
