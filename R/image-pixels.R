# Pixels of JPEG and PNG images, upright.

max_pixels <- 25e6

image_raster <- function(image, call) {
  pixels <- read_pixels(image, FALSE, call)
  # Gray with alpha, which as.raster() does not support.
  if (length(dim(pixels)) == 3 && dim(pixels)[3] == 2) {
    pixels <- pixels[,, c(1, 1, 1, 2)]
  }
  grDevices::as.raster(apply_orientation(pixels, stored_orientation(image$Bytes)))
}

# As stored, not yet upright: an array, or if `native` a native raster.
read_pixels <- function(image, native, call) {
  bytes <- image$Bytes
  if (length(bytes) == 0) {
    uri <- s3_uri(image$S3Object)
    message <- if (is.null(uri)) {
      gettext("The image has no bytes.")
    } else {
      with_hint(
        gettextf("The image has no bytes. It is stored at %s.", uri),
        gettext("`liveness_images()` fetches it.")
      )
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
      "Reading %s images requires the package '%s'. Install it with `%s`.",
      type,
      package,
      paste0("install.packages(\"", package, "\")")
    ),
    call
  )
  size <- image_size(bytes)
  if (is.null(size)) {
    stop_plain(gettextf("The %s image cannot be read: its header does not state its size.", type), call)
  }
  # A header of a few bytes can claim gigabytes of pixels.
  if (prod(size) > max_pixels) {
    stop_plain(
      gettextf(
        "The %s image is too large: %s pixels, more than 25 million.",
        type,
        paste(format_count(size), collapse = " x ")
      ),
      call
    )
  }
  if (type == "PNG" && !is_complete_png(bytes)) {
    stop_plain(gettextf("The %s image cannot be read: the file is truncated.", "PNG"), call)
  }
  tryCatch(
    if (type == "PNG") png::readPNG(bytes, native) else jpeg::readJPEG(bytes, native),
    error = function(e) {
      stop_plain(gettextf("The %s image cannot be read: %s", type, conditionMessage(e)), call)
    }
  )
}

# The service ignores the orientation of a PNG.
stored_orientation <- function(bytes) {
  if (image_type(bytes) %in% "JPEG") jpeg_header(bytes)$orientation else 1
}

# Exif stores rows and columns reversed, transposed, or both.
apply_orientation <- function(pixels, orientation) {
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
  is_gray <- length(dim(pixels)) == 2
  pixels <- if (is_gray) pixels[rows, columns, drop = FALSE] else pixels[rows, columns, , drop = FALSE]
  if (orientation < 5) {
    pixels
  } else if (is_gray) {
    t(pixels)
  } else {
    aperm(pixels, c(2, 1, 3))
  }
}

#' @rdname liveness_image
#' @order 3
#' @importFrom grDevices as.raster
#' @export
as.raster.liveness_image <- function(x, ...) {
  check_dots(list(...), character(), "as.raster()", quote(as.raster(...)))
  image_raster(x, quote(as.raster(...)))
}
