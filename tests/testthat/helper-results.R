# Results of four sessions: two that succeeded, one that failed, one that does not exist.
some_results <- function(frame = parent.frame()) {
  emulator <- test_emulator(frame = frame)
  svc <- rekognition(config = emulator$config)
  ids <- sprintf("00000000-0000-0000-0000-00000000000%d", 1:4)
  image <- list(
    Bytes = as.raw(c(0xff, 0xd8, 0xff, 1:97)),
    BoundingBox = list(Width = 0.5, Height = 0.25, Left = -0.125, Top = 0.1)
  )
  emulator$put_result(
    ids[1],
    list(
      SessionId = ids[1],
      Status = "SUCCEEDED",
      Confidence = 99.5,
      ReferenceImage = image,
      AuditImages = list(image, image)
    )
  )
  emulator$put_result(
    ids[2],
    list(
      SessionId = ids[2],
      Status = "SUCCEEDED",
      Confidence = 41,
      ReferenceImage = list(S3Object = list(Bucket = "b", Name = "k/r.jpg")),
      Feedback = list(
        list(Code = "FACE_NOT_VISIBLE", Message = "m"),
        list(Code = "EYES_CLOSED_DETECTED", Message = "m")
      )
    )
  )
  emulator$put_result(ids[3], list(SessionId = ids[3], Status = "FAILED"))
  liveness_results(ids, svc)
}

# A JPEG with these pixels.
jpeg_of <- function(pixels) {
  jpeg::writeJPEG(pixels, raw(), 1)
}

# The same with the Exif orientation. Other arguments change its entry.
with_orientation <- function(bytes, orientation, order = "MM", tag = 0x0112, type = 3, count = 1, first = 8) {
  number <- function(n, size) {
    parts <- as.raw(n %/% 256^(rev(seq_len(size)) - 1) %% 256)
    if (order == "II") rev(parts) else parts
  }
  value <- c(number(orientation, 2), raw(2))
  entry <- c(number(tag, 2), number(type, 2), number(count, 4), value)
  tiff <- c(charToRaw(order), number(42, 2), number(first, 4), number(1, 2), entry, number(0, 4))
  with_segment(bytes, c(charToRaw("Exif"), raw(2), tiff))
}

with_segment <- function(bytes, content) {
  size <- length(content) + 2
  c(bytes[1:2], as.raw(c(0xff, 0xe1, size %/% 256, size %% 256)), content, bytes[-(1:2)])
}

# The texts that a plot draws.
text_in_plot <- function(draw, width = 9, height = 9) {
  file <- withr::local_tempfile(fileext = ".ps")
  grDevices::postscript(
    file,
    width = width,
    height = height,
    paper = "special",
    horizontal = FALSE,
    useKerning = FALSE
  )
  tryCatch(draw(), finally = grDevices::dev.off())
  lines <- grep("^[0-9.]+ [0-9.]+ \\(.*\\) ", readLines(file), value = TRUE)
  sub("^[0-9.]+ [0-9.]+ \\((.*)\\) .*", "\\1", lines)
}
