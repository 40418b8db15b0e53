# Sessions that are stored in a folder, and reviews of them.

# A folder with sessions whose results were stored some days ago. Returns the IDs.
stored_days_ago <- function(dir, days, frame = parent.frame()) {
  emulator <- test_emulator(frame = frame)
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, length(days), Settings = list(AuditImagesLimit = 1))
  results <- liveness_results(ids, svc, dir = dir)
  for (i in seq_along(ids)) {
    file <- file.path(dir, ids[i], "results.json")
    time <- sprintf('"RetrievedAt":%.3f', as.double(Sys.time()) - days[i] * 86400)
    writeLines(sub('"RetrievedAt":[0-9.]+', time, readLines(file, warn = FALSE)), file)
  }
  ids
}

review_line <- function(id, label) {
  sprintf(
    '{"session_id":"%s","reviewer":"r","label":"%s","note":"","reviewed_at":"2026-01-31T23:59:59.123Z"}',
    id,
    label
  )
}

files_in <- function(dir) {
  list.files(dir, recursive = TRUE, all.files = TRUE, include.dirs = TRUE)
}
