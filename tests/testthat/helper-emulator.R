# Images for the emulator.

sample_path <- function(file) system.file("extdata", file, package = "rekognition")

sample_bytes <- function(file) readBin(sample_path(file), "raw", file.size(sample_path(file)))

# The bytes of a new image, as a JPEG file with a comment.
new_image_bytes <- function(n) {
  bytes <- sample_bytes("face-0.jpg")
  c(bytes[1:2], as.raw(c(0xff, 0xfe, 0, 3, n)), bytes[-(1:2)])
}

# A PNG file of one pixel.
one_pixel <- jsonlite::base64_dec(paste0(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
))
