# Reading of results that are stored in a folder.

#' Read stored results
#'
#' Reads the results that [liveness_results()] has written with `dir`, without a client and without a request: long after
#' the service has deleted the sessions, and on machines without an AWS account.
#'
#' Incomplete sessions are skipped, and a warning names them: an image file is missing or has the wrong size, or
#' `results.json` is missing, damaged, a link, or of another session. A session that another process is still writing is
#' incomplete, too: `results.json` is written last. Anything whose name is not a valid session ID is ignored without a
#' warning, and so are links, and folders that contain none of the files below. Several processes can read and write a
#' folder concurrently.
#'
#' The contents of the folder are checked, but not signed: any user or program that can write to it can change a
#' confidence.
#'
#' @section Files of a folder:
#' All text is UTF-8. Files have mode 0600, and folders that the package has created 0700, on systems that support modes.
#'
#' \describe{
#'   \item{`<session ID>/results.json`}{The response without the bytes of images, as one JSON object. Members without a value
#'     are `null` or absent.}
#'   \item{`<session ID>/reference.jpg`, `audit-1.jpg`, `audit-2.jpg`, ...}{The images, byte for byte as the service sent
#'     them; `.png` if they are PNG.}
#'   \item{`<session ID>/.part-*`}{A file that is being written. If the process was killed, [liveness_delete()] deletes
#'     the file, and so does fetching the session again an hour later.}
#'   \item{`reviews.jsonl`}{Reviews, if an application writes them, such as the review console of
#'     `vignette("reviewing")`: one JSON object per line, with the strings `session_id`, `reviewer`, `label` (`"live"`,
#'     `"attack"` or `null`), `note` and `reviewed_at` (`"2026-01-31T23:59:59.123Z"`). Lines are only appended; the last line of each
#'     session counts. `liveness_read()` does not read it.}
#'   \item{`reviews.jsonl.lock`}{A folder that exists while `reviews.jsonl` is rewritten: see [liveness_delete()].}
#' }
#'
#' `results.json` has the members `SessionId`, `Status`, `Confidence`, `ReferenceImage`, `AuditImages`, `Challenge`
#' (`Type`, `Version`), `Feedback` (`Code`, `Message`) and `Metadata` (`SDKType`), as in the service's response, with all
#' digits of numbers. An image has `S3Object` and `BoundingBox`, and `File` (its name) and `Size` (in bytes) in place of
#' `Bytes`. The package adds `RequestId`, `Region`, `Attempts` and `RetrievedAt` (seconds since 1970-01-01 UTC). `Region`
#' is missing in files that an older version wrote. Later versions may add members.
#'
#' @param dir Path of the folder.
#' @return The data frame that [liveness_results()] returned for the same sessions and the same `dir`, column for column, with
#'   paths in place of images. Rows are in the order of `retrieved_at`. `region` is `NA` where it is not in the file.
#'
#' Raises `rekognition_argument_error` for an invalid argument, and `rekognition_file_error` if the folder does not exist
#' or cannot be read. Warns about sessions whose files are incomplete.
#' @references
#' [GetFaceLivenessSessionResults](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_GetFaceLivenessSessionResults.html)
#' @seealso [liveness_delete()]; `vignette("storing")`.
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' ids <- vapply(1:3, function(i) svc$create_face_liveness_session()$SessionId, "")
#' for (id in ids) emulator$check(id)
#' dir <- file.path(tempdir(), "stored")
#' results <- liveness_results(ids, svc, dir = dir)
#' emulator$stop()
#'
#' # Later, without a client.
#' stored <- liveness_read(dir)
#' stored
#' identical(stored$confidence[match(ids, stored$session_id)], results$confidence)
#' liveness_image(stored$reference_image[[1]])
liveness_read <- function(dir) {
  call <- user_call(sys.call())
  if (missing(dir)) {
    stop_missing("dir", call)
  }
  dir <- check_path(dir, "dir", call)
  ids <- stored_ids(dir, call)
  rows <- list()
  read <- character()
  incomplete <- character()
  for (part in in_parts(ids)) {
    loaded <- value_or_stop(folder_load(path_bytes(dir), part), call)
    columns <- loaded$columns
    incomplete <- c(incomplete, part[loaded$incomplete])
    part <- part[columns$index]
    columns$index <- length(read) + seq_along(part)
    read <- c(read, part)
    rows[[length(rows) + 1]] <- columns
    check_interrupt()
  }
  warn_incomplete(incomplete, dir, call)
  retrieved_at <- as.double(unlist(lapply(rows, `[[`, "retrieved_at")))
  spec <- list(
    ids = read[order(retrieved_at, read, method = "radix")],
    unique_ids = read,
    dir = dir,
    call = call
  )
  new_results(spec, rows)
}

# The IDs of the sessions that may be in a folder, which must exist.
stored_ids <- function(dir, call) {
  ids <- folder_sessions(path_bytes(dir))
  if (is.object(ids) && identical(ids$kind, "file")) {
    stop_file(dir, gettextf("Cannot read folder %s: %s.", clean_text(dir), reason_of(ids)), call)
  }
  value_or_stop(ids, call)
}

# R can be interrupted, and collects garbage, between two parts.
in_parts <- function(x, size = 1000) {
  unname(split(x, (seq_along(x) - 1) %/% size))
}

warn_incomplete <- function(ids, dir, call) {
  if (length(ids) > 0) {
    message <- sprintf(
      ngettext(
        length(ids),
        "%s session in %s is incomplete and was skipped: %s",
        "%s sessions in %s are incomplete and were skipped: %s"
      ),
      format_count(length(ids)),
      clean_text(dir),
      shown_ids(ids)
    )
    warning(simpleWarning(message, call))
  }
}

shown_ids <- function(ids) {
  more <- if (length(ids) > 5) gettextf(" and %s more", format_count(length(ids) - 5))
  paste0(toString(utils::head(ids, 5)), more, ".")
}
