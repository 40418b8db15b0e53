# Colors of plots. Text and lines have the device's (`par("fg")`), so that dark devices work; the others can be told apart
# without seeing red and green.

palette_of <- function(kinds) {
  dark <- sum(grDevices::col2rgb(paper_colour())) < 384
  colours <- if (dark) c("#56B4E9", "#E69F00", "#999999") else c("#0072B2", "#D55E00", "#8C8C8C")
  colours[match(kinds, c("live person", "attack", "not reviewed"), nomatch = 1)]
}

# The colour behind the plot; that of devices without one is white.
paper_colour <- function() {
  paper <- graphics::par("bg")
  if (paper == "transparent") "white" else paper
}
