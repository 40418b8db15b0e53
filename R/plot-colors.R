# Colors of plots. Text and lines have the device's foreground color (`par("fg")`), so that dark devices work; the other
# colors remain distinct with red-green color blindness.

group_colors <- function(groups) {
  is_dark <- sum(grDevices::col2rgb(background_color())) < 384
  colors <- if (is_dark) c("#56B4E9", "#E69F00", "#999999") else c("#0072B2", "#D55E00", "#8C8C8C")
  colors[match(groups, c("live", "attack", "unreviewed"), nomatch = 1)]
}

# Devices with a transparent background are white.
background_color <- function() {
  background <- graphics::par("bg")
  if (background == "transparent") "white" else background
}
