# Reviews in a folder: reviews.jsonl, with one JSON object per line. Lines are only appended.

reviews_columns <- c("session_id", "reviewer", "label", "note", "reviewed_at")

no_reviews <- function() {
  as.data.frame(stats::setNames(rep(list(character()), 5), reviews_columns))
}

reviews_path <- function(dir) {
  path <- file.path(dir, "reviews.jsonl")
  if (!Sys.readlink(path) %in% c("", NA) || (file.exists(path) && !utils::file_test("-f", path))) {
    stop("not a file: ", path)
  }
  path
}

# All reviews, in the order of the file. Lines that are not reviews are left out.
read_reviews <- function(dir) {
  path <- reviews_path(dir)
  if (!file.exists(path)) {
    return(no_reviews())
  }
  lines <- readLines(path, encoding = "UTF-8", warn = FALSE)
  # An editor may have put a byte order mark before the first one.
  lines <- sub("^\ufeff", "", lines[nzchar(lines) & validUTF8(lines)])
  reviews <- parse_reviews(paste0("[", paste(lines, collapse = ","), "]"))
  if (is.null(reviews)) {
    # One of them is not JSON.
    reviews <- do.call(rbind, c(list(no_reviews()), lapply(paste0("[", lines, "]"), parse_reviews)))
  }
  reviews
}

# The reviews in this JSON array, or NULL if it is not JSON.
parse_reviews <- function(json) {
  rows <- tryCatch(jsonlite::fromJSON(json, simplifyDataFrame = FALSE), error = function(e) NULL)
  if (is.null(rows)) {
    return(NULL)
  }
  rows <- Filter(is_review, rows)
  value <- function(name) {
    vapply(rows, function(row) if (is.null(row[[name]])) NA_character_ else row[[name]], "")
  }
  reviews <- as.data.frame(stats::setNames(lapply(reviews_columns, value), reviews_columns))
  reviews$note[is.na(reviews$note)] <- ""
  reviews
}

is_review <- function(row) {
  is_text <- function(x) is.character(x) && length(x) == 1 && !is.na(x)
  is.list(row) &&
    is_text(row[["session_id"]]) &&
    is_text(row[["reviewer"]]) &&
    (is.null(row[["label"]]) || (is_text(row[["label"]]) && row[["label"]] %in% c("live", "attack"))) &&
    (is.null(row[["note"]]) || is_text(row[["note"]])) &&
    is_text(row[["reviewed_at"]])
}

append_review <- function(dir, session_id, reviewer, label, note) {
  review <- list(
    session_id = session_id,
    reviewer = reviewer,
    label = if (is.na(label)) NULL else label,
    note = note,
    reviewed_at = time_text(Sys.time())
  )
  json <- jsonlite::toJSON(review, auto_unbox = TRUE, null = "null")
  with_lock(dir, append_line(reviews_path(dir), enc2utf8(as.character(json))))
}

# liveness_delete() rewrites the file while this folder exists. `code`, which opens and closes the file, runs in between.
with_lock <- function(dir, code) {
  lock <- file.path(dir, "reviews.jsonl.lock")
  started <- Sys.time()
  while (!dir.create(lock, showWarnings = FALSE)) {
    if (is_abandoned(lock)) {
      remove_abandoned(lock)
    }
    if (utils::file_test("-f", lock) || length(list.files(lock, all.files = TRUE, no.. = TRUE)) > 0) {
      stop("cannot lock the reviews: not an empty folder: ", lock)
    }
    # R waits, and with it all pages of this process.
    if (Sys.time() - started > as.difftime(15, units = "secs")) {
      stop("cannot lock the reviews: if no process uses it, delete ", lock)
    }
    Sys.sleep(0.02)
  }
  created <- file.mtime(lock)
  # If this process was suspended, another one may have replaced the lock by its own.
  on.exit(if (identical(file.mtime(lock), created) && is_empty_folder(lock)) unlink(lock, recursive = TRUE))
  code
}

# A lock that a process left when it was killed: an empty folder of some age. Anything else is not a lock.
is_abandoned <- function(lock) {
  age <- as.numeric(Sys.time() - file.mtime(lock), units = "secs")
  isTRUE(age > 60) && is_empty_folder(lock)
}

is_empty_folder <- function(path) {
  dir.exists(path) &&
    Sys.readlink(path) %in% c("", NA) &&
    length(list.files(path, all.files = TRUE, no.. = TRUE)) == 0
}

# Under another name, because another process may have replaced it with its own in the meantime.
remove_abandoned <- function(lock) {
  renamed <- tempfile("reviews.jsonl.lock-", dirname(lock))
  if (suppressWarnings(file.rename(lock, renamed))) {
    if (is_abandoned(renamed)) unlink(renamed, recursive = TRUE) else file.rename(renamed, lock)
  }
}

# One write: R passes up to 4096 bytes on at once.
append_line <- function(path, line) {
  bytes <- charToRaw(paste0(if (!ends_with_newline(path)) "\n", line, "\n"))
  stopifnot(length(bytes) <= 4096)
  # Readable by the owner only, from the moment of creation.
  mask <- Sys.umask("077")
  on.exit(Sys.umask(mask))
  connection <- file(path, "ab")
  on.exit(close(connection), add = TRUE)
  writeBin(bytes, connection)
}

# A process may have ended in the middle of a line.
ends_with_newline <- function(path) {
  size <- file.size(path)
  if (size %in% c(0, NA)) {
    return(TRUE)
  }
  connection <- file(path, "rb")
  on.exit(close(connection))
  seek(connection, size - 1)
  identical(readBin(connection, "raw", 1), as.raw(10))
}
