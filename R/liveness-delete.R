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
#' folder contains anything else, or is a link, then nothing in it is deleted. The other sessions are deleted, and then a
#' `rekognition_file_error` names what was not.
#'
#' With `older_than`, the same holds for a session whose `results.json` is damaged or of another session, because its age is
#' not known: delete it by its ID. Links, and folders without an image or a valid `results.json`, are left alone.
#'
#' @section Age:
#' A session is older than `older_than` if its response arrived before that time (`retrieved_at`). A session without
#' `results.json` is as old as its newest file.
#'
#' Leave a margin for running processes: choose `older_than` (days rather than minutes) so that no session of that age is
#' still being fetched or reviewed. If a session is written while it is deleted, parts of it can remain.
#'
#' @section Reviews:
#' After the folders, the reviews of deleted sessions are deleted: `reviews.jsonl` is rewritten without their lines, and
#' keeps its owner and mode. A session that was not deleted keeps its lines. With `session_ids`, the lines of sessions
#' that have no folder are deleted as well, so if a deletion was interrupted, repeat it with these `session_ids`. A line
#' that is not JSON is kept.
#'
#' While sessions are deleted and there is a `reviews.jsonl`, there is also an empty folder `reviews.jsonl.lock`, as `dir.create("reviews.jsonl.lock")` creates
#' it. To append a line, an application creates this folder, and waits and retries if that fails because it exists. Then it
#' opens `reviews.jsonl`, appends the line, closes the file, and deletes the folder if it is still its own. If the file was
#' opened before that, it may have been replaced, and the line is lost.
#'
#' A lock that is older than a minute was left by a process that was killed. To take it over, rename it to a unique name,
#' check its age again, and delete it if it is empty. If it is younger, it belongs to another process: rename it back.
#' Anything else with this name is not deleted.
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
#'   \item{`retrieved_at`}{POSIXct (UTC): when the response arrived; `NA` without `results.json`.}
#' }
#'
#' Raises `rekognition_argument_error` for an invalid argument, before anything is deleted; `rekognition_file_error` if the
#' folder does not exist, if `reviews.jsonl` cannot be locked, read or rewritten, or if sessions were not deleted. The
#' condition has the fields `path` (the file, or the folders of the sessions that were not deleted) and `deleted` (the data
#' frame of the sessions that were; absent if the folder does not exist).
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
  found$problem <- deletion_problems(found, dir, is_named = is.null(older_than))
  ids <- if (is.null(older_than)) unique(to_utf8(as.character(session_ids))) else found$session_id
  # The lock is released after each part, so that others need not wait for long.
  for (part in in_parts(setdiff(ids, found$session_id[!is.na(found$problem)]), 100)) {
    problems <- tryCatch(delete_part(dir, part, call), rekognition_file_error = identity)
    if (is.object(problems)) {
      is_gone <- is.na(found$problem) & !dir.exists(path_in_dir(found$session_id, dir))
      problems$deleted <- deleted_rows(found[is_gone, ])
      stop_condition(problems)
    }
    is_found <- part %in% found$session_id
    found$problem[match(part[is_found], found$session_id)] <- problems[is_found]
    check_interrupt()
  }
  is_left <- !is.na(found$problem)
  deleted <- deleted_rows(found[!is_left, ])
  if (any(is_left)) {
    stop_not_deleted(found[is_left, ], deleted, dir, call)
  }
  deleted
}

deleted_rows <- function(found) {
  data.frame(
    session_id = found$session_id,
    files = as.integer(found$files),
    bytes = found$bytes,
    retrieved_at = .POSIXct(found$retrieved_at, "UTC")
  )
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

# Why a session must not be deleted, or NA. A damaged results.json has no age, but a session that was named is deleted.
deletion_problems <- function(found, dir, is_named) {
  foreign <- ifelse(
    found$foreign %in% "results.json",
    gettext("its results.json is damaged, a link or of another session"),
    gettextf("it contains a file that this package has not written (%s)", clean_text(found$foreign, 100))
  )
  is_damaged <- is_named & found$foreign %in% "results.json"
  results <- path_in_dir(file.path(found$session_id[is_damaged], "results.json"), dir)
  is_damaged[is_damaged] <- vapply(results, function(path) path_kind(path_bytes(path)) == "file", NA)
  ifelse(is.na(found$foreign) | is_damaged, found$reason, foreign)
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

# Deletes the folders of sessions, and then the reviews of those that were deleted. Returns why a folder was not deleted, or
# NA.
delete_part <- function(dir, ids, call) {
  bytes <- path_bytes(dir)
  reviews <- path_in_dir("reviews.jsonl", dir)
  has_reviews <- function() path_kind(path_bytes(reviews)) != "absent"
  problems <- NULL
  if (!has_reviews()) {
    problems <- value_or_stop(folder_delete(bytes, ids), call)
    # The first review may have been written in the meantime.
    if (!has_reviews()) {
      return(problems)
    }
  }
  lock <- take_lock(paste0(reviews, ".lock"), call)
  on.exit(release_lock(lock))
  # If the file cannot be replaced, nothing is deleted.
  check_rewritten(reviews_check(bytes), reviews, call)
  suspendInterrupts({
    if (is.null(problems)) {
      problems <- value_or_stop(folder_delete(bytes, ids), call)
      # Deleting may have taken longer than a lock lasts.
      lock <- renew_lock(lock, call)
    }
    check_rewritten(reviews_delete(bytes, ids[is.na(problems)]), reviews, call)
  })
  problems
}

check_rewritten <- function(done, path, call) {
  if (is.object(done) && identical(done$kind, "file")) {
    stop_file(path, gettextf("Cannot rewrite %s: %s.", clean_text(path), reason_of(done)), call)
  }
  value_or_stop(done, call)
}
