# Smaller images for reports.

# Reports of more sessions scale their images down by default.
max_full_sessions <- 500

# The size and the number of bytes that an image may have. By default, 6,000 images, which are those of 2,000 sessions with
# two audit images, fit into 44 MB as base64; if there are more, they are smaller.
image_scale <- function(size, n) {
  if (is.null(size)) {
    list(size = max(80, min(320, floor(320 * sqrt(6000 / n)))), max_bytes = max(2000, 0.75 * 44e6 / n))
  } else {
    list(size = size, max_bytes = Inf)
  }
}

# The image as JPEG, upright, its longer side at most `scale$size` pixels, and if possible at most `scale$max_bytes`. An
# image that is small enough, or cannot be read, stays as it is.
scale_image <- function(image, scale) {
  full <- image_size(image$Bytes)
  if (is.null(full) || (max(full) <= scale$size && length(image$Bytes) <= scale$max_bytes)) {
    return(image)
  }
  pixels <- tryCatch(read_pixels(image, TRUE, NULL), rekognition_error = function(e) NULL)
  if (is.null(pixels)) {
    return(image)
  }
  orientation <- stored_orientation(image$Bytes)
  n <- ceiling(max(full) / scale$size)
  repeat {
    image$Bytes <- encode_jpeg(apply_orientation(average_blocks(pixels, n), orientation), scale$max_bytes)
    # Noise does not compress. Smaller images would show nothing.
    if (length(image$Bytes) <= scale$max_bytes || max(full) / n <= 80) {
      return(image)
    }
    n <- n + 1
  }
}

# A matrix of colors (red in the lowest byte, then green, blue and alpha) with one for each block of `n` x `n` pixels: the
# average of up to `n` pixels of the block, in different rows and columns. More would take longer, and look the same. Red
# and blue are added up at once: the division by a power of two keeps them apart, and sums of 128 fit into 15 bits.
average_blocks <- function(pixels, n) {
  size <- rev(dim(pixels))
  blocks <- pmax(1L, size %/% n)
  # A native raster is stored row by row.
  attributes(pixels) <- list(dim = size)
  at <- function(side, offset) {
    pmin(seq.int(1L + offset, by = as.integer(n), length.out = blocks[side]), size[side])
  }
  count <- as.integer(2^min(7, floor(log2(n))))
  order <- seq_len(count) - 1L
  # 0, 1, 2, 3 and 1, 3, 0, 2.
  other_order <- if (count == 1) 0L else (2L * order + 1L) %% (count + 1L)
  offset <- function(order) as.integer((order + 0.5) * n / count)
  dx <- offset(order)
  dy <- offset(other_order)
  red_blue <- 0L
  green <- 0L
  for (i in seq_along(dx)) {
    part <- pixels[at(1, dx[i]), at(2, dy[i]), drop = FALSE]
    red_blue <- red_blue + bitwAnd(part, 0xff00ffL)
    green <- green + bitwAnd(part, 0xff00L)
  }
  colors <- bitwOr(bitwAnd(red_blue %/% count, 0xff00ffL), bitwAnd(green %/% count, 0xff00L))
  t(array(bitwOr(colors, -0x1000000L), blocks))
}

encode_jpeg <- function(colors, max_bytes) {
  raster <- structure(t(colors), dim = dim(colors), class = "nativeRaster", channels = 3L)
  for (quality in c(0.85, 0.7, 0.55, 0.4, 0.3)) {
    bytes <- jpeg::writeJPEG(raster, raw(), quality)
    if (length(bytes) <= max_bytes) {
      break
    }
  }
  bytes
}
