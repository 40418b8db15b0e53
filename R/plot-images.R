# Images with their face boxes: one, or a gallery of sessions.

#' @rdname liveness_image
#' @order 4
#' @param units Units of the box: `"ratio"`, `"pixel"`, or `"auto"`, which decides by the size of the box.
#' @param caption Text above the image (a string). The default is the origin of the image.
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
  raster <- if (length(x$Bytes) > 0) image_raster(x, call)
  draw_image(x, raster, units, caption)
  invisible(x)
}

# `raster` is NULL where there are no bytes, or a string that says why they cannot be read.
draw_image <- function(image, raster, units, caption) {
  size <- if (inherits(raster, "raster")) c(ncol(raster), nrow(raster)) else c(3, 4)
  sides <- if (inherits(raster, "raster")) box_sides(image, units)
  # A box beyond the edges of the image is visible, but must not make the image small.
  beyond <- pmin(0.5, pmax(0, if (is.null(sides)) numeric(4) else c(-sides[1:2], sides[3:4] - 1)))
  graphics::plot.new()
  graphics::plot.window(
    size[1] * c(-beyond[1], 1 + beyond[3]),
    size[2] * c(1 + beyond[4], -beyond[2]),
    xaxs = "i",
    yaxs = "i",
    asp = 1
  )
  if (inherits(raster, "raster")) {
    graphics::rasterImage(raster, 0, size[2], size[1], 0)
  } else {
    text <- if (is.null(raster)) c(s3_uri(image$S3Object), "no image")[1] else raster
    graphics::rect(0, 0, size[1], size[2], border = group_colors("unreviewed"), lty = 3)
    draw_text(clean_text(text, 300), size[1] / 2, size[2] / 2, size[1])
  }
  if (!is.null(sides)) {
    at <- sides * size[c(1, 2, 1, 2)]
    # Two colors, of which one is visible on any image.
    graphics::rect(at[1], at[4], at[3], at[2], border = "black", lwd = 4)
    graphics::rect(at[1], at[4], at[3], at[2], border = "#F0E442", lwd = 2)
  }
  if (!is.null(caption)) {
    draw_caption(caption, size[1] / 2, -beyond[2] * size[2])
  }
}

# Directly above the image, which can be lower than the space for it.
draw_caption <- function(caption, middle, top) {
  caption <- fit_text(caption, graphics::par("pin")[1])
  inch <- diff(graphics::grconvertY(0:1, "inches", "user"))
  graphics::text(
    middle,
    top + 0.5 * graphics::par("csi") * inch,
    caption$text,
    adj = c(0.5, 0),
    cex = caption$cex,
    xpd = NA
  )
}

draw_gallery <- function(x, n, units, decisions, call) {
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
  # par(mfrow) reduces the size of text, in steps.
  graphics::par(cex = layout$cex)
  for (i in seq_len(nrow(shown))) {
    image <- shown$reference_image[[i]]
    raster <- NULL
    if (!is.null(image)) {
      # The others are drawn even if this one cannot be read.
      raster <- tryCatch(
        {
          image <- as_image(image, "reference_image", call)
          if (length(image$Bytes) > 0) image_raster(image, call)
        },
        rekognition_file_error = function(e) gettextf("Cannot read %s.", e$path),
        rekognition_error = conditionMessage
      )
    }
    draw_image(
      if (is.list(image)) image else list(),
      raster,
      units,
      gallery_caption(shown[i, ], decisions[i])
    )
  }
  if (nrow(shown) == 0) {
    graphics::plot.new()
    graphics::text(0.5, 0.5, "no sessions")
  }
  if (more > 0) {
    graphics::mtext(
      gettextf("The first %s of %s sessions", format_count(nrow(shown)), format_count(nrow(x))),
      side = 1,
      outer = TRUE,
      line = 0.3,
      cex = 0.8
    )
  }
}

# The numbers of rows and columns that make images in portrait format (3:4) largest, with two lines of text above each.
gallery_layout <- function(n, page) {
  columns <- seq_len(n)
  rows <- ceiling(n / columns)
  cex <- pmax(0.55, pmin(1, page[1] / columns / 2.4))
  width <- page[1] / columns - 0.16 * cex
  height <- page[2] / rows - 0.6 * cex
  best <- which.max(pmin(width / 3, height / 4))
  list(rows = rows[best], columns = columns[best], cex = cex[best])
}

# `decision` is NULL or one decision.
gallery_caption <- function(row, decision = NULL) {
  # A row with a status can have an error as well.
  outcome <- c(as.character(row$status), as.character(row[["error_code"]]))
  outcome <- paste(clean_text(outcome[!is.na(outcome)]), collapse = ", ")
  score <- row[["confidence"]]
  score <- if (is.numeric(score) && !is.na(score)) format_score(score, 4)
  decision <- if (!is.null(decision)) paste0(decision_title(decision), ":")
  paste0(paste(c(decision, score, outcome), collapse = " "), "\n", clean_text(row$session_id))
}
