# Deletion of results that are stored in a folder.

#' Delete stored results
#'
#' Deletes whole sessions from a folder that [liveness_results()] has written with `dir`: the images, `results.json`, the
#' session's folder, and the lines about the session in `reviews.jsonl`. It also deletes the images that
#' [liveness_save()] has written, and the incomplete files of processes that were killed. Nothing is
#' sent to the service, which deletes a session with its images 3 minutes after its creation. Images in an S3 bucket
#' remain.
#'
#' @section What is never deleted:
#' Only files that this package writes are deleted (see [liveness_read()]), and links are not followed. If a session's
#' folder contains anything else, or is a link, or its `results.json` is damaged or of another session, then nothing in it
#' is deleted. The other sessions are deleted, and then a `rekognition_file_error` names what was not.
#'
#' With `older_than`, links and folders without any file of this package are left alone.
#'
#' @section Age:
#' A session is older than `older_than` if its response arrived before that time (`retrieved_at`). A session without
#' `results.json` is as old as its newest file.
#'
#' @section Reviews:
#' `reviews.jsonl` is rewritten without the lines of deleted sessions, and keeps its owner and mode. With `session_ids`,
#' this also deletes the lines of sessions that have no folder. While the file is rewritten, there is a folder
#' `reviews.jsonl.lock`, as `dir.create("reviews.jsonl.lock")` creates it. An application that creates this folder, appends
#' its line and deletes the folder loses no line; a lock older than a minute is left over from a process that was killed. A
#' line that is not JSON is kept.
#'
#' @param dir Path of the folder.
#' @param session_ids Character vector of the IDs of the sessions to delete. A session that does not exist is not an error.
#' @param older_than Delete the sessions that are older: a difftime, such as `as.difftime(30, units = "days")`, or a
#'   POSIXct. Exactly one of `session_ids` and `older_than` must be given.
#' @return A data frame with a row for each session that was deleted, in the order of `session_ids` or of age:
#'
#' \describe{
#'   \item{`session_id`}{String.}
#'   \item{`files`}{Integer: number of files.}
#'   \item{`bytes`}{Number: total size of the files.}
#'   \item{`retrieved_at`}{POSIXct: when the response arrived; `NA` without `results.json`.}
#' }
#'
#' Raises `rekognition_argument_error` for an invalid argument, before anything is deleted; `rekognition_file_error` if the
#' folder does not exist, if `reviews.jsonl` cannot be rewritten (then nothing else is deleted), or if sessions were not
#' deleted. In that case the condition has the fields `path` (the folders of these sessions) and `deleted` (the data frame
#' of those that were).
#' @references
#' [Data encryption](https://docs.aws.amazon.com/rekognition/latest/dg/security-data-encryption.html),
#' [recommendations for usage of Face Liveness](https://docs.aws.amazon.com/rekognition/latest/dg/recommendations-liveness.html)
#' @seealso [liveness_read()]; `vignette("storing")`.
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' ids <- vapply(1:3, function(i) svc$create_face_liveness_session()$SessionId, "")
#' for (id in ids) emulator$check(id)
#' dir <- file.path(tempdir(), "kept-for-a-month")
#' results <- liveness_results(ids, svc, dir = dir)
#' emulator$stop()
#'
#' # One person's session.
#' liveness_delete(dir, ids[2])
#' # Sessions older than a month: none yet.
#' liveness_delete(dir, older_than = as.difftime(30, units = "days"))
#' liveness_read(dir)$session_id
liveness_delete <- function(dir, session_ids = NULL, older_than = NULL) {
  call <- user_call(sys.call())
  if (missing(dir)) {
    stop_missing("dir", call)
  }
  dir <- check_path(dir, "dir", call)
  if (is.null(session_ids) == is.null(older_than)) {
    message <- gettextf("Exactly one of `%s` and `%s` must be given.", "session_ids", "older_than")
    stop_argument("session_ids", message, call)
  }
  found <- if (is.null(older_than)) {
    chosen_contents(dir, session_ids, call)
  } else {
    old_contents(dir, check_older_than(older_than, call), call)
  }
  found$problem <- deletion_problems(found)
  is_refused <- !is.na(found$problem)
  # First, so that a repeated call deletes what this one could not.
  ids <- if (is.null(older_than)) to_utf8(as.character(session_ids)) else found$session_id
  delete_reviews(dir, setdiff(ids, found$session_id[is_refused]), call)
  for (part in in_parts(which(!is_refused))) {
    found$problem[part] <- value_or_stop(folder_delete(path_bytes(dir), found$session_id[part]), call)
    check_interrupt()
  }
  is_left <- !is.na(found$problem)
  deleted <- data.frame(
    session_id = found$session_id[!is_left],
    files = as.integer(found$files[!is_left]),
    bytes = found$bytes[!is_left],
    retrieved_at = .POSIXct(found$retrieved_at[!is_left])
  )
  if (any(is_left)) {
    stop_not_deleted(found[is_left, ], deleted, dir, call)
  }
  deleted
}

# What is in the folders of the chosen sessions that have one.
chosen_contents <- function(dir, session_ids, call) {
  ids <- unique(check_session_ids(session_ids, call))
  check_folder_names(ids, call)
  # The folder must exist: a typo in its name must not look like a deletion.
  stored_ids(dir, call)
  found <- stored_contents(dir, ids, call)
  found[!is.na(found$files) | !is.na(found$reason), ]
}

# What is in the folders of older sessions, the oldest first. A folder whose contents cannot be listed may be one.
old_contents <- function(dir, before, call) {
  found <- stored_contents(dir, stored_ids(dir, call), call)
  found$time <- ifelse(is.na(found$retrieved_at), found$modified_at, found$retrieved_at)
  found <- found[order(found$time, found$session_id, method = "radix"), ]
  is_old <- found$files > 0 & found$time < before
  found[is_old %in% TRUE | !is.na(found$reason), ]
}

stored_contents <- function(dir, ids, call) {
  parts <- lapply(in_parts(ids), function(part) {
    check_interrupt()
    contents <- value_or_stop(folder_contents(path_bytes(dir), part), call)
    data.frame(session_id = part, contents)
  })
  none <- folder_contents(path_bytes(dir), character())
  do.call(rbind, c(list(data.frame(session_id = character(), none)), parts))
}

# Why a session must not be deleted, or NA.
deletion_problems <- function(found) {
  foreign <- ifelse(
    found$foreign %in% "results.json",
    gettext("its results.json is damaged, a link or of another session"),
    gettextf("it contains a file that this package has not written (%s)", clean_text(found$foreign, 100))
  )
  ifelse(is.na(found$foreign), found$reason, foreign)
}

stop_not_deleted <- function(left, deleted, dir, call) {
  path <- path_in_dir(left$session_id, dir)
  message <- gettextf("Cannot delete folder %s: %s.", clean_text(path[1]), clean_text(left$problem[1]))
  if (length(path) > 1) {
    others <- length(path) - 1
    more <- ngettext(others, "%s more session was not deleted.", "%s more sessions were not deleted.")
    message <- paste(message, sprintf(more, format_count(others)))
  }
  condition <- new_condition("rekognition_file_error", message, call, path = path, deleted = deleted)
  stop_condition(condition)
}

delete_reviews <- function(dir, ids, call) {
  path <- path_in_dir("reviews.jsonl", dir)
  if (length(ids) == 0 || !file.exists(path)) {
    return(invisible())
  }
  lock <- take_lock(paste0(path, ".lock"), call)
  on.exit(unlink(lock, recursive = TRUE, expand = FALSE))
  done <- reviews_delete(path_bytes(dir), ids)
  if (is.object(done) && identical(done$kind, "file")) {
    stop_file(path, gettextf("Cannot rewrite %s: %s.", clean_text(path), reason_of(done)), call)
  }
  value_or_stop(done, call)
}

# Seconds after which a lock belongs to no running process.
max_lock_age <- 60

# Creating a folder fails if it exists, for one of two processes that do so at the same time.
take_lock <- function(lock, call) {
  began <- Sys.time()
  while (!dir.create(lock, showWarnings = FALSE, mode = "0700")) {
    age <- difftime(Sys.time(), file.mtime(lock), units = "secs")
    # Absent: it has been deleted in the meantime, or cannot be created.
    is_left_over <- !is.na(age) && age > max_lock_age
    if (is_left_over) {
      unlink(lock, recursive = TRUE, expand = FALSE)
    }
    waited <- difftime(Sys.time(), began, units = "secs")
    if (waited > max_lock_age + 10 || (is.na(age) && file.access(dirname(lock), 2) != 0)) {
      stop_file(lock, gettextf("Cannot create folder %s.", clean_text(lock)), call)
    }
    Sys.sleep(0.02)
  }
  lock
}
