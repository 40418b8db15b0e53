# The sessions of a folder that liveness_results() has written (`dir`), and reviews.jsonl in it.

folder_source <- function(dir) {
  if (!dir.exists(dir)) {
    stop("LIVENESS_DIR is not a folder: ", dir, call. = FALSE)
  }
  dir <- normalizePath(dir)
  stamp_of <- function(paths) {
    found <- file.info(paths, extra_cols = FALSE)
    paste(length(paths), sum(found$size, na.rm = TRUE), max(0, as.numeric(found$mtime), na.rm = TRUE))
  }
  # A session is complete when it has its results.json.
  stamp_of_sessions <- function() stamp_of(file.path(list.dirs(dir, recursive = FALSE), "results.json"))
  stamp_of_reviews <- function() stamp_of(file.path(dir, "reviews.jsonl"))
  list(
    title = paste("Folder", dir),
    # A session that is incomplete, because it is being written, is read when it is complete.
    sessions = cached(stamp_of_sessions, function() newest_sessions(suppressWarnings(liveness_read(dir)))),
    images = function(row) list(row$reference_image[[1]], row$audit_images[[1]]),
    reviews = cached(stamp_of_reviews, function() read_reviews(dir)),
    add_review = function(session_id, reviewer, label, note) {
      append_review(dir, session_id, reviewer, label, note)
    },
    with_images = identity
  )
}
