# Pixels of JPEG and PNG, upright.

# Whether all chunks are there, to the last. png 0.1-8 reads on behind the end of one that is not, and R with it is gone.
is_whole_png <- function(bytes) {
  at <- 9
  for (chunk in 1:1e5) {
    if (at + 11 > length(bytes)) {
      break
    }
    is_last <- identical(bytes[at + 4:7], charToRaw("IEND"))
    at <- at + 12 + big_endian(bytes[at + 0:3])
    if (is_last) {
      return(at - 1 <= length(bytes))
    }
  }
  FALSE
}

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

# What the segments before the pixels of a JPEG say: `size`, as the pixels are stored (NULL if it is not said), and
# `orientation`, as in Exif: 1 is upright.
jpeg_header <- function(bytes) {
  header <- list(size = NULL, orientation = 1)
  has_exif <- FALSE
  at <- 3
  # There is no end of segments in a file that is made to take long.
  for (step in 1:1000) {
    if (at + 8 > length(bytes) || bytes[at] != 0xff) {
      break
    }
    marker <- as.integer(bytes[at + 1])
    # Any number of 0xff may stand before a marker.
    if (marker == 0xff) {
      at <- at + 1
      next
    }
    is_frame <- marker >= 0xc0 && marker <= 0xcf && !marker %in% c(0xc4, 0xc8, 0xcc)
    if (is_frame) {
      header$size <- c(width = big_endian(bytes[at + 7:8]), height = big_endian(bytes[at + 5:6]))
      break
    }
    end <- at + 1 + big_endian(bytes[at + 2:3])
    # The first counts, as in browsers.
    if (marker == 0xe1 && !has_exif && identical(bytes[at + 4:9], exif_signature)) {
      has_exif <- TRUE
      header$orientation <- exif_orientation(bytes[seq_len(min(end, length(bytes)))], at + 10)
    }
    at <- end + 1
  }
  header
}

exif_signature <- as.raw(c(0x45, 0x78, 0x69, 0x66, 0, 0))

# The orientation in the TIFF header that begins at `start` and ends with the bytes; 1 if it is not there, or broken.
exif_orientation <- function(bytes, start) {
  order <- rawToChar(bytes[start + 0:1][bytes[start + 0:1] != 0])
  if (!order %in% c("II", "MM")) {
    return(1)
  }
  number <- function(at, n) {
    parts <- bytes[at + seq_len(n) - 1]
    big_endian(if (order == "II") rev(parts) else parts)
  }
  if (start + 7 > length(bytes) || number(start + 2, 2) != 42) {
    return(1)
  }
  directory <- start + number(start + 4, 4)
  if (directory + 1 > length(bytes)) {
    return(1)
  }
  entries <- directory + 2 + 12 * (seq_len(number(directory, 2)) - 1)
  for (entry in entries[entries + 11 <= length(bytes)]) {
    # A single short number.
    if (number(entry, 2) == 0x0112 && number(entry + 2, 2) == 3 && number(entry + 4, 4) == 1) {
      orientation <- number(entry + 8, 2)
      return(if (orientation %in% 1:8) orientation else 1)
    }
  }
  1
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

big_endian <- function(bytes) {
  sum(as.integer(bytes) * 256^(rev(seq_along(bytes)) - 1))
}
