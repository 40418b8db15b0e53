# Results of all kinds: five sessions with images and a confidence, one with an image in a bucket, one that failed, one
# without a check, and one that does not exist.
reported_results <- function(..., frame = parent.frame()) {
  emulator <- test_emulator(frame = frame)
  svc <- rekognition(config = emulator$config)
  ids <- vapply(
    1:8,
    function(i) svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 1))$SessionId,
    ""
  )
  scores <- c(99.95, 89.99999, 90, 71.25, 12.5)
  for (i in 1:5) {
    emulator$check(
      ids[i],
      confidence = scores[i],
      feedback = if (i == 5) "LOW_LIGHTING_DETECTED" else character()
    )
  }
  image <- list(S3Object = list(Bucket = "b", Name = "k/r&d.jpg"))
  emulator$put_result(
    ids[6],
    list(SessionId = ids[6], Status = "SUCCEEDED", Confidence = 95, ReferenceImage = image)
  )
  feedback <- lapply(c("FACE_NOT_VISIBLE", "EYES_CLOSED_DETECTED"), function(code) {
    list(Code = code, Message = "m")
  })
  emulator$put_result(ids[7], list(SessionId = ids[7], Status = "FAILED", Feedback = feedback))
  liveness_results(c(ids, some_id), svc, ...)
}

# The report as one string.
report_of <- function(results, ..., frame = parent.frame()) {
  file <- withr::local_tempfile(fileext = ".html", .local_envir = frame)
  expect_identical(expect_invisible(liveness_report(results, file, ...)), file)
  text <- readChar(file, file.size(file), useBytes = TRUE)
  Encoding(text) <- "UTF-8"
  expect_true(validEnc(text))
  text
}

count_matches <- function(pattern, text) {
  sum(gregexpr(pattern, text, perl = TRUE)[[1]] > 0)
}

# expect_match() would print megabytes on failure.
expect_contains_text <- function(report, text) {
  expect_true(grepl(text, report, fixed = TRUE), label = paste("that the report contains", text))
}

# The HTML of the cells with this label in the table of sessions.
report_cells <- function(text, label) {
  pattern <- paste0("(?s)<td class=\"[a-z]+\" data-label=\"", label, "\"[^>]*>(.*?)</td>")
  found <- regmatches(text, gregexpr(pattern, text, perl = TRUE))[[1]]
  sub(pattern, "\\1", found, perl = TRUE)
}
