# Draws one image with its box and words, with base graphics.

#' @rdname liveness_image
#' @param ... None: the arguments after it are given by their whole names, and others are an error.
#' @param units `"ratio"` or `"pixel"`: what the sides of the box are; `"auto"` decides by their size.
#' @param caption String above the picture; by default where the image came from.
#' @export
plot.liveness_image <- function(x, ..., units = c("auto", "ratio", "pixel"), caption = NULL) {
  call <- quote(plot(...))
  check_dots(list(...), c("x", "units", "caption"), "plot()", call)
  units <- check_choice(units, c("auto", "ratio", "pixel"), "units", call)
  caption <- check_string_or_null(caption, "caption", call)
  if (is.null(caption)) {
    caption <- attr(x, "origin")
  }
  old <- graphics::par(mar = c(0.5, 0.5, if (is.null(caption)) 0.5 else 2.5, 0.5))
  on.exit(graphics::par(old))
  picture <- if (length(x$Bytes) > 0) as_picture(x, call)
  draw_image(x, picture, units, caption)
  invisible(x)
}

# `picture` is the raster, or a string that says why there is none.
draw_image <- function(image, picture, units, caption) {
  size <- if (inherits(picture, "raster")) c(ncol(picture), nrow(picture)) else c(3, 4)
  sides <- box_sides(image, units)
  # The box is seen also where it is outside the picture, but not so that the picture becomes small.
  beyond <- pmin(0.5, pmax(0, if (is.null(sides)) numeric(4) else c(-sides[1:2], sides[3:4] - 1)))
  graphics::plot.new()
  graphics::plot.window(
    size[1] * c(-beyond[1], 1 + beyond[3]),
    size[2] * c(1 + beyond[4], -beyond[2]),
    xaxs = "i",
    yaxs = "i",
    asp = 1
  )
  if (inherits(picture, "raster")) {
    graphics::rasterImage(picture, 0, size[2], size[1], 0)
  } else {
    why <- if (is.null(picture)) c(s3_address(image$S3Object), "no image")[1] else picture
    graphics::rect(0, 0, size[1], size[2], border = palette_of("not reviewed"), lty = 3)
    draw_words(clean_text(why, 200), size[1] / 2, size[2] / 2, size[1])
  }
  if (!is.null(sides)) {
    at <- sides * size[c(1, 2, 1, 2)]
    # Two lines, of which one is seen on whatever is below.
    graphics::rect(at[1], at[4], at[3], at[2], border = "black", lwd = 4)
    graphics::rect(at[1], at[4], at[3], at[2], border = "#F0E442", lwd = 2)
  }
  if (!is.null(caption)) {
    graphics::title(
      main = fit_words(caption, graphics::par("pin")[1]),
      font.main = 1,
      cex.main = 1,
      line = 0.5
    )
  }
}

# Words in the middle of a frame, in several lines if they are too long, also where there is no space.
draw_words <- function(words, x, y, width, cex = 0.9) {
  whole <- graphics::strwidth(words, cex = cex)
  if (whole > 0.9 * width) {
    most <- max(4, floor(nchar(words) * 0.8 * width / whole))
    lines <- strwrap(words, most)
    lines <- unlist(lapply(lines, function(line) {
      starts <- seq(1, nchar(line), by = most)
      substring(line, starts, starts + most - 1)
    }))
    words <- paste(lines, collapse = "\n")
  }
  graphics::text(x, y, words, cex = cex)
}

# Each line cut so that it is no longer than so many inches.
fit_words <- function(words, inches) {
  lines <- clean_text(utils::head(strsplit(words, "\n", fixed = TRUE)[[1]], 3))
  cut <- vapply(
    lines,
    function(line) {
      if (graphics::strwidth(line, "inches") <= inches) {
        return(line)
      }
      shorter <- paste0(substring(line, 1, seq_len(nchar(line))), "...")
      shorter[max(1, which(graphics::strwidth(shorter, "inches") <= inches))]
    },
    ""
  )
  paste(cut, collapse = "\n")
}
