# Headers of JPEG and PNG: type, size, orientation.

image_type <- function(bytes) {
  starts_with <- function(signature) identical(utils::head(bytes, length(signature)), as.raw(signature))
  if (starts_with(c(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a))) {
    "PNG"
  } else if (starts_with(c(0xff, 0xd8, 0xff))) {
    "JPEG"
  } else {
    NA_character_
  }
}

# Width and height in pixels of the upright image; NULL if the header does not have them.
image_size <- function(bytes) {
  type <- image_type(bytes)
  if (is.na(type)) {
    return(NULL)
  }
  if (type == "PNG") {
    number <- function(at) big_endian(bytes[at + 0:3])
    return(if (length(bytes) >= 24) c(width = number(17), height = number(21)))
  }
  header <- jpeg_header(bytes)
  if (is.null(header$size) || header$orientation < 5) {
    header$size
  } else {
    c(width = header$size[[2]], height = header$size[[1]])
  }
}

# Whether all chunks are complete, including the last. png 0.1-8 reads beyond the end of a truncated file, which crashes R.
is_complete_png <- function(bytes) {
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

# From the segments before the pixels of a JPEG: `size` of the pixels as stored (NULL if missing), and `orientation` as in
# Exif (1 is upright).
jpeg_header <- function(bytes) {
  header <- list(size = NULL, orientation = 1)
  has_exif <- FALSE
  at <- 3
  # A limit, because a malicious file can have segments without end.
  for (step in 1:1000) {
    if (at + 8 > length(bytes) || bytes[at] != 0xff) {
      break
    }
    marker <- as.integer(bytes[at + 1])
    # Any number of 0xff can precede a marker.
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
    # The first one counts, as in browsers.
    if (marker == 0xe1 && !has_exif && identical(bytes[at + 4:9], exif_signature)) {
      has_exif <- TRUE
      header$orientation <- exif_orientation(bytes[seq_len(min(end, length(bytes)))], at + 10)
    }
    at <- end + 1
  }
  header
}

exif_signature <- as.raw(c(0x45, 0x78, 0x69, 0x66, 0, 0))

# The orientation from the TIFF header that starts at `start` and ends with the bytes; 1 if missing or invalid.
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
    # Tag, type (a 16-bit integer) and count.
    if (number(entry, 2) == 0x0112 && number(entry + 2, 2) == 3 && number(entry + 4, 4) == 1) {
      orientation <- number(entry + 8, 2)
      return(if (orientation %in% 1:8) orientation else 1)
    }
  }
  1
}

big_endian <- function(bytes) {
  sum(as.integer(bytes) * 256^(rev(seq_along(bytes)) - 1))
}
