# Draws images with their face boxes: one, or a gallery of sessions.

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

draw_gallery <- function(x, n, units, call) {
  check_columns(x, c("session_id", "status", "reference_image"), call)
  shown <- plain_frame(x)[seq_len(min(n, nrow(x))), ]
  more <- nrow(x) - nrow(shown)
  layout <- gallery_layout(max(1, nrow(shown)), graphics::par("din"))
  old <- graphics::par(
    mfrow = c(layout$rows, layout$columns),
    mar = c(0.4, 0.4, 2.6, 0.4),
    oma = c(if (more > 0) 1.5 else 0, 0, 0, 0)
  )
  on.exit(graphics::par(old))
  # par(mfrow) makes letters small by itself, and in steps.
  graphics::par(cex = layout$cex)
  for (i in seq_len(nrow(shown))) {
    image <- shown$reference_image[[i]]
    picture <- NULL
    if (!is.null(image)) {
      # One that cannot be drawn leaves the others alone.
      picture <- tryCatch(
        {
          image <- as_image(image, "x", call)
          if (length(image$Bytes) > 0) as_picture(image, call)
        },
        rekognition_error = conditionMessage
      )
    }
    draw_image(if (is.list(image)) image else list(), picture, units, gallery_caption(shown[i, ]))
  }
  if (nrow(shown) == 0) {
    graphics::plot.new()
    graphics::text(0.5, 0.5, "no sessions")
  }
  if (more > 0) {
    graphics::mtext(
      gettextf("The first %s of %s sessions", whole(nrow(shown)), whole(nrow(x))),
      side = 1,
      outer = TRUE,
      line = 0.3,
      cex = 0.8
    )
  }
}

# The rows and columns that give the largest portraits, three wide and four high, with two lines above.
gallery_layout <- function(n, page) {
  columns <- seq_len(n)
  rows <- ceiling(n / columns)
  cex <- pmax(0.55, pmin(1, page[1] / columns / 2.4))
  width <- page[1] / columns - 0.16 * cex
  height <- page[2] / rows - 0.6 * cex
  best <- which.max(pmin(width / 3, height / 4))
  list(rows = rows[best], columns = columns[best], cex = cex[best])
}

gallery_caption <- function(row) {
  # A verdict that was found may have an error beside it.
  words <- c(as.character(row$status), as.character(row[["error_code"]]))
  verdict <- paste(clean_text(words[!is.na(words)]), collapse = ", ")
  score <- row[["confidence"]]
  score <- if (is.numeric(score) && !is.na(score)) score_text(score, 4)
  paste0(paste(c(score, verdict), collapse = " "), "\n", clean_text(row$session_id))
}
