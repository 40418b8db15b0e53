# Pixels of JPEG and PNG, upright.

most_pixels <- 25e6

as_picture <- function(image, call) {
  bytes <- image$Bytes
  if (length(bytes) == 0) {
    address <- s3_address(image$S3Object)
    message <- if (is.null(address)) {
      gettext("The image has no bytes.")
    } else {
      gettextf("The image has no bytes: it is at %s.", address)
    }
    stop_plain(message, call)
  }
  type <- image_type(bytes)
  if (is.na(type)) {
    stop_plain(gettext("The image is neither JPEG nor PNG."), call)
  }
  package <- ascii_lower(type)
  check_installed(
    package,
    gettextf(
      "The package %s is needed to read %s images: %s.",
      package,
      type,
      paste0("install.packages(\"", package, "\")")
    ),
    call
  )
  size <- image_size(bytes)
  if (is.null(size)) {
    stop_plain(gettextf("The %s image cannot be read: it does not say its size.", type), call)
  }
  # A few kilobytes can claim to be gigabytes of pixels.
  if (prod(size) > most_pixels) {
    stop_plain(
      gettextf(
        "The %s image is not read: %s pixels are more than an image of a check has.",
        type,
        paste(whole(size), collapse = " x ")
      ),
      call
    )
  }
  if (type == "PNG" && !is_whole_png(bytes)) {
    stop_plain(gettextf("The %s image cannot be read: it is cut off.", "PNG"), call)
  }
  pixels <- tryCatch(
    if (type == "PNG") png::readPNG(bytes) else jpeg::readJPEG(bytes),
    error = function(e) {
      stop_plain(gettextf("The %s image cannot be read: %s", type, conditionMessage(e)), call)
    }
  )
  # Grey with alpha, which as.raster() does not know.
  if (length(dim(pixels)) == 3 && dim(pixels)[3] == 2) {
    pixels <- pixels[,, c(1, 1, 1, 2)]
  }
  if (type == "JPEG") {
    pixels <- turn_upright(pixels, jpeg_header(bytes)$orientation)
  }
  grDevices::as.raster(pixels)
}

# Rows and columns as they are seen: stored from the other end, or as each other.
turn_upright <- function(pixels, orientation) {
  if (orientation == 1) {
    return(pixels)
  }
  rows <- seq_len(nrow(pixels))
  columns <- seq_len(ncol(pixels))
  if (orientation %in% c(3, 4, 6, 7)) {
    rows <- rev(rows)
  }
  if (orientation %in% c(2, 3, 7, 8)) {
    columns <- rev(columns)
  }
  is_grey <- length(dim(pixels)) == 2
  pixels <- if (is_grey) pixels[rows, columns, drop = FALSE] else pixels[rows, columns, , drop = FALSE]
  if (orientation < 5) {
    pixels
  } else if (is_grey) {
    t(pixels)
  } else {
    aperm(pixels, c(2, 1, 3))
  }
}

#' @rdname liveness_image
#' @importFrom grDevices as.raster
#' @export
as.raster.liveness_image <- function(x, ...) {
  check_dots(list(...), character(), "as.raster()", quote(as.raster(...)))
  as_picture(x, quote(as.raster(...)))
}
