# Draws the sample faces that the emulator returns: inst/extdata/face-<n>.jpg, and faces.json with the bounding
# box of each face as ratios of the image. Run from the top of the repository: Rscript dev/faces.R

width <- 480
height <- 640
poses <- data.frame(
  x = c(240, 228, 255, 236, 246),
  y = c(300, 310, 292, 304, 330),
  scale = c(1, 0.94, 1.06, 0.9, 1.12),
  smile = c(6, 2, 9, 4, 7)
)

ellipse <- function(x, y, rx, ry, from = 0, to = 2 * pi, ...) {
  angle <- seq(from, to, length.out = 120)
  polygon(x + rx * cos(angle), y + ry * sin(angle), ...)
}

draw <- function(pose, file) {
  jpeg(file, width, height, quality = 80, type = "cairo", antialias = "subpixel")
  on.exit(dev.off())
  par(mar = c(0, 0, 0, 0))
  # y grows downwards, as in an image.
  plot.new()
  plot.window(c(0, width), c(height, 0), xaxs = "i", yaxs = "i")
  wall <- colorRampPalette(c("#c9d6df", "#8fa3b0"))(64)
  rect(
    0,
    seq(0, height, length.out = 65)[-65],
    width,
    seq(0, height, length.out = 65)[-1],
    col = wall,
    border = NA
  )
  s <- pose$scale
  x <- function(dx) pose$x + s * dx
  y <- function(dy) pose$y + s * dy
  ellipse(x(0), y(330), 190 * s, 180 * s, col = "#35506b", border = NA)
  polygon(x(c(-42, 42, 52, -52)), y(c(90, 90, 190, 190)), col = "#c98f6b", border = NA)
  ellipse(x(0), y(-22), 122 * s, 142 * s, col = "#3b2a20", border = NA)
  ellipse(x(-104), y(10), 16 * s, 30 * s, col = "#d39a76", border = NA)
  ellipse(x(104), y(10), 16 * s, 30 * s, col = "#d39a76", border = NA)
  ellipse(x(0), y(0), 105 * s, 140 * s, col = "#e0aa86", border = NA)
  ellipse(x(0), y(-86), 100 * s, 56 * s, pi, 2 * pi, col = "#3b2a20", border = NA)
  for (side in c(-1, 1)) {
    ellipse(x(side * 42), y(-18), 20 * s, 11 * s, col = "white", border = "#8a5f45")
    ellipse(x(side * 42), y(-18), 9 * s, 9 * s, col = "#4a6b3a", border = NA)
    ellipse(x(side * 42), y(-18), 4 * s, 4 * s, col = "black", border = NA)
    lines(x(side * c(20, 42, 66)), y(c(-42, -50, -42)), lwd = 7 * s, col = "#3b2a20")
  }
  lines(x(c(4, -8, 6)), y(c(-8, 34, 36)), lwd = 4 * s, col = "#b9805c")
  mouth <- seq(-36, 36, length.out = 40)
  lines(x(mouth), y(74 + pose$smile * (1 - (mouth / 36)^2)), lwd = 8 * s, col = "#a8483f")
}

number <- function(x) formatC(x, format = "f", digits = 6)
entries <- character()
for (i in seq_len(nrow(poses))) {
  file <- sprintf("face-%d.jpg", i - 1)
  pose <- poses[i, ]
  draw(pose, file.path("inst", "extdata", file))
  entries[i] <- sprintf(
    '  {"file": "%s", "Width": %s, "Height": %s, "Left": %s, "Top": %s}',
    file,
    number(2 * 105 * pose$scale / width),
    number(2 * 140 * pose$scale / height),
    number((pose$x - 105 * pose$scale) / width),
    number((pose$y - 140 * pose$scale) / height)
  )
}
writeLines(c("[", paste(entries, collapse = ",\n"), "]"), file.path("inst", "extdata", "faces.json"))
