# The sessions, verdicts and reviews in the database of the example back end.

database_source <- function(location) {
  if (!grepl("^postgres(ql)?://", location) && !file.exists(location)) {
    stop("LIVENESS_DATABASE is neither a file nor a postgresql:// address.", call. = FALSE)
  }
  database <- new.env()
  sys.source(file.path("..", "database", "database.R"), database, chdir = TRUE)
  db <- database$open_database(location)
  onStop(function() database$close_database(db))
  stamp <- function() database$change_stamp(db)
  list(
    title = database_title(location),
    sessions = cached(stamp, function() {
      sessions <- database$stored_sessions(db, limit = max_sessions)
      # The newest come first.
      sessions <- with_result_columns(sessions[rev(seq_len(nrow(sessions))), ])
      structure(sessions, n_stored = database$count_sessions(db))
    }),
    images = function(row) database$stored_images(db, row$session_id),
    reviews = cached(stamp, function() {
      reviews <- database$stored_reviews(db)
      reviews$note[is.na(reviews$note)] <- ""
      reviews$reviewed_at <- time_text(reviews$reviewed_at)
      reviews
    }),
    add_review = function(session_id, reviewer, label, note) {
      if (!database$add_review(db, session_id, reviewer, label, note)) {
        stop("the session was deleted")
      }
    },
    max_report_images = max_report_images,
    with_images = function(rows) with_stored_images(rows, function(id) database$stored_images(db, id))
  )
}

# Without user and password.
database_title <- function(location) {
  if (grepl("^postgres(ql)?://", location)) {
    place <- sub("^[^:]*://([^/?]*@)?([^?]*).*", "\\2", location)
    paste("PostgreSQL database", place)
  } else {
    paste("SQLite database", location)
  }
}

# The columns of results that are not in the database.
with_result_columns <- function(sessions) {
  sessions$error_code <- rep(NA_character_, nrow(sessions))
  sessions$attempts <- rep(NA_integer_, nrow(sessions))
  sessions$feedback <- vector("list", nrow(sessions))
  sessions$verdict <- as.character(sessions$verdict)
  as_liveness_results(sessions)
}

# A report has all its images in memory.
max_report_images <- 500

with_stored_images <- function(rows, images_of) {
  images <- lapply(utils::head(rows$session_id, max_report_images), images_of)
  of_all <- function(name) {
    column <- vector("list", nrow(rows))
    column[seq_along(images)] <- lapply(images, `[[`, name)
    column
  }
  rows$reference_image <- of_all("reference_image")
  rows$audit_images <- of_all("audit_images")
  rows
}
