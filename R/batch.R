# Many sessions: a native batch is started, waited for, and its rows become results.

#' Fetch the results of many sessions
#'
#' `liveness_results()` fetches the results of many sessions concurrently, each session once. `liveness_wait()` polls
#' until every session has ended (`SUCCEEDED`, `FAILED` or `EXPIRED`) or the timeout expires.
#'
#' All requests use one client and run on background threads, at most `max_active` at a time. If the service throttles,
#' the batch slows down to the rate limit of the account, and throttled requests are retried for as long as the
#' `operation_timeout` of the client allows, so that no session is lost. Other transient failures are retried up to
#' `max_retries` times. `max_retries = 0` turns both off.
#'
#' `liveness_wait()` polls each session every `interval` seconds at first and then less often, up to five times
#' `interval`; polls of different sessions are spread over time. Polling stops soon after 180 seconds, whatever
#' `timeout` says, because the service deletes sessions then. When the timeout expires, rows contain the latest
#' response: the status is then `CREATED` or `IN_PROGRESS`.
#'
#' Ctrl-C stops the batch and returns nothing; files in `dir` remain.
#'
#' @section Images in files:
#' With `dir`, images are written as they arrive, as `<session ID>/reference.jpg`, `audit-1.jpg` and so on (`.png` for
#' PNG), with the rest of the response in `results.json`. The image columns then contain paths, so that memory use does
#' not grow with the number of sessions. Files and folders are accessible to their owner only (modes 0600 and 0700, on
#' systems that support them), and are written atomically. A session that has ended and whose files are complete is not
#' fetched again: repeat the call after an interruption to fetch what is missing, for as long as the service keeps it,
#' which is 3 minutes from the session's creation. [liveness_read()] reads what is saved without a client, and
#' [liveness_delete()] deletes it. Several processes can use the same `dir` concurrently. A session ID
#' that cannot be used as a folder name is an error.
#'
#' The contents of `dir` are not trusted. A link, a device, a file larger than any result, an incomplete result and a
#' result of another session do not count as saved: the session is fetched again. If the folder of a session is a link,
#' nothing is written to it.
#'
#' If files cannot be written (for example because the disk is full), the row keeps its status, confidence and images in
#' memory, with a `rekognition_file_error` in `error`.
#'
#' @param session_ids Character vector (or factor) of session IDs, at most 100,000. Duplicates are fetched once.
#' @param svc A client: see [rekognition()]. Default: [rekognition_default()].
#' @param max_active Whole number from 1 to 1,000: maximum number of concurrent requests.
#' @param images `"keep"`: return images. `"drop"`: discard them, to save memory.
#' @param dir Path of a folder to save images in; created if it does not exist.
#' @param progress Whether to show a progress bar. It appears only if R is interactive, after a few seconds.
#' @param on_error `"row"`: an error becomes a row with the condition in the column `error`. `"stop"`: the first error
#'   ends the batch and is raised.
#' @return A data frame of class `liveness_results` (never a tibble, whichever packages are loaded), with a row for each element of
#'   `session_ids`, in that order, and the columns
#'
#' \describe{
#'   \item{`session_id`}{String.}
#'   \item{`status`}{String: `"SUCCEEDED"`, ...; `NA` after an error.}
#'   \item{`confidence`}{Number between 0 and 100; `NA` if there is none.}
#'   \item{`reference_image`}{List: a `liveness_image`, which is the service's list of `Bytes`, `S3Object` and
#'     `BoundingBox`; or a path; `NULL` if there is none.}
#'   \item{`audit_images`}{List: for each session a list of `liveness_image`s, or a vector of paths.}
#'   \item{`n_audit_images`}{Integer: number of audit images.}
#'   \item{`challenge_type`, `challenge_version`}{String: the challenge that the user was given.}
#'   \item{`feedback`}{List: data frames with the columns `code` and `message`.}
#'   \item{`sdk_type`}{String: the client that streamed the video, as that client reports it.}
#'   \item{`error`}{List: a condition (see [rekognition_conditions]); `NULL` if there was no error.}
#'   \item{`error_code`}{String: the service's error code, or the condition's class; `NA` if there was no error.}
#'   \item{`request_id`}{String: the service's ID of the last request.}
#'   \item{`attempts`}{Integer: number of requests sent.}
#'   \item{`retrieved_at`}{POSIXct (UTC): when the response arrived.}
#'   \item{`region`}{String: the region that was asked, which is the client's.}
#' }
#'
#' The service does not report why a check has failed. The condition in `error` describes a failure to fetch the result, not a failed check.
#'
#' Raises `rekognition_argument_error` for an invalid argument. Errors that concern no single session and occur before
#' the first response (no region, no credentials, an invalid setting) are raised once, whatever the value of `on_error`:
#' as a `rekognition_config_error` or a `rekognition_credentials_error`. With `on_error = "stop"`, the conditions of
#' [rekognition_get_face_liveness_session_results()] are raised as well. If a session gets no response within
#' `timeout`, its error is a `rekognition_timeout_error`.
#' @section Printing, and other tools:
#' Results print in a few lines: the number of sessions with each status or error, and `n` rows
#' (`print(results, n = 20)`; 10 by default; `digits` and `width` default to the options of these names), without
#' empty columns. Complete results show the most important columns and those that you have added; a selection of
#' columns, such as `results[c("session_id", "retrieved_at")]`, shows all of them. If the page is too narrow, IDs and
#' long text are shortened, and the last line names the columns that are left out. A confidence is never rounded up:
#' 99.9999999 prints as 99.99999 and not as 100, because it does not pass a threshold of 100. Tibbles (`as_tibble()`,
#' `group_by()`) print themselves and do round it: they show 99.9999999 as `100.`. Text from the service is
#' shown without control characters and shortened if it is very long.
#'
#' Base R's `[`, `subset()`, `rbind()`, `split()` and `within()` keep the class, and so do the verbs of dplyr that
#' return rows of their first argument: `filter()`, `mutate()`, `arrange()`, `select()`, `distinct()`, `slice()`,
#' `bind_rows()`, and joins with results on the left. `merge()`, `cbind()`, `transform()`, `group_by()`, `rowwise()`,
#' `summarise()` and joins with results on the right return other data frames; `as_liveness_results()` restores the
#' class, without groups.
#'
#' The columns of images, feedback and errors are lists. For CSV, databases and JSON, select columns of text and
#' numbers, `results[c("session_id", "status", "confidence", "error_code")]`, and save the images in files with `dir` or
#' [liveness_save()]. `write.csv()` of all columns, `paste()` and `as.character()` write the printed description of an
#' image, not its bytes; databases refuse lists. `dput()`, `unlist()` and `jsonlite::toJSON(force = TRUE)` do include
#' the bytes. `jsonlite::toJSON()` rounds to four digits, so that 99.99999 becomes 100: use `digits = NA`.
#' @references
#' [GetFaceLivenessSessionResults](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_GetFaceLivenessSessionResults.html),
#' [quotas](https://docs.aws.amazon.com/rekognition/latest/dg/limits.html)
#' @aliases print.liveness_results
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' ids <- vapply(1:5, function(i) svc$create_face_liveness_session()$SessionId, "")
#' for (id in ids[1:4]) emulator$check(id)
#'
#' results <- liveness_results(c(ids, "no-such-session"), svc)
#' results
#' summary(results)
#' results$reference_image[[1]]
#' results$error[[6]]
#'
#' # Images in files.
#' dir <- file.path(tempdir(), "faces")
#' liveness_results(ids[1:4], svc, dir = dir)$reference_image
#'
#' # Wait until all sessions have ended.
#' emulator$advance(3)
#' liveness_wait(ids, svc, interval = 0.2)$status
#' emulator$stop()
liveness_results <- function(
  session_ids,
  svc = rekognition_default(),
  max_active = 10,
  images = c("keep", "drop"),
  dir = NULL,
  progress = interactive(),
  on_error = c("row", "stop")
) {
  # The client may be made in the call, from keys: conditions do not show the arguments.
  call <- user_call(sys.call(), hide_args = TRUE)
  if (missing(session_ids)) {
    stop_missing("session_ids", call)
  }
  fetch(session_ids, svc, max_active, images, dir, progress, on_error, NULL, call)
}

#' @rdname liveness_results
#' @param timeout Seconds after which results are returned as they are.
#' @param interval Seconds between polls of a session, initially.
#' @param ... `max_active`, `images`, `dir`, `progress` and `on_error`: see `liveness_results()`.
#' @export
liveness_wait <- function(session_ids, svc = rekognition_default(), timeout = 170, interval = 1, ...) {
  call <- user_call(sys.call(), hide_args = TRUE)
  if (missing(session_ids)) {
    stop_missing("session_ids", call)
  }
  polling <- check_polling(timeout, interval, call)
  options <- list(
    max_active = 10,
    images = "keep",
    dir = NULL,
    progress = interactive(),
    on_error = "row"
  )
  options <- check_options(
    list(...),
    options,
    c("session_ids", "svc", "timeout", "interval"),
    "liveness_wait()",
    call
  )
  fetch(
    session_ids,
    svc,
    options$max_active,
    options$images,
    options$dir,
    options$progress,
    options$on_error,
    polling,
    call
  )
}

fetch <- function(session_ids, svc, max_active, images, dir, progress, on_error, polling, call) {
  spec <- batch_spec(session_ids, svc, max_active, images, dir, on_error, polling, call)
  check_flag(progress, "progress", call)
  rows <- if (length(spec$ids) > 0) run_batch(spec, progress)
  new_results(spec, rows)
}

# The checked arguments of a batch.
batch_spec <- function(session_ids, svc, max_active, images, dir, on_error, polling, call) {
  ids <- check_session_ids(session_ids, call)
  check_client(svc, call)
  max_active <- check_max_active(max_active, call)
  images <- check_choice(images, c("keep", "drop"), "images", call)
  on_error <- check_choice(on_error, c("row", "stop"), "on_error", call)
  unique_ids <- unique(ids)
  dir <- if (!is.null(dir)) check_dir(dir, unique_ids, images, call)
  list(
    ids = ids,
    unique_ids = unique_ids,
    handle = handle_of(svc),
    options = c(
      list(
        max_active = max_active,
        dir = if (!is.null(dir)) path_bytes(dir),
        log_level = log_level(call)
      ),
      polling
    ),
    dir = dir,
    keep_images = images == "keep",
    stop_early = on_error == "stop",
    call = call
  )
}

start_batch <- function(spec, ...) {
  start <- function(client) batch_start(client, spec$unique_ids, c(spec$options, list(...)))
  value_or_stop(start_on(spec$handle, spec$call, start), spec$call)
}

# Runs a batch and returns its rows, in parts as they arrived.
run_batch <- function(spec, progress) {
  batch <- start_batch(spec)
  rows <- list()
  take <- function() {
    taken <- take_rows(batch, spec, wait_seconds)
    if (length(taken$index) > 0) {
      rows[[length(rows) + 1]] <<- taken
    }
    taken
  }
  drain_batch(batch, spec, take, length(spec$unique_ids), if (progress) gettext("Fetching results"))
  rows
}

# Takes the rows of a batch until it has ended. Between them, R looks for Ctrl-C and supplies keys. `title` is that of the
# progress bar, NULL if there is none.
drain_batch <- function(batch, spec, take, total, title) {
  on.exit(end_batch(batch))
  bar <- if (!is.null(title) && interactive()) cli::cli_progress_bar(title, total = total)
  done <- 0
  repeat {
    taken <- take()
    done <- done + length(taken$index)
    if (!is.null(bar)) {
      cli::cli_progress_update(set = done, id = bar)
    }
    if (taken$ended) {
      break
    }
    supply_keys(spec$handle, spec$call)
    check_interrupt()
  }
}

end_batch <- function(batch) {
  batch_cancel(batch)
  write_log(batch_log(batch))
}

# Takes the rows that are there, after waiting up to `seconds` for the first one.
take_rows <- function(batch, spec, seconds) {
  taken <- client_value(batch_take(batch, spec$keep_images, seconds), spec$handle, spec$call)
  write_log(batch_log(batch))
  # R triggers garbage collection by the size of its vectors and would accumulate discarded rows.
  the$rows_taken <- the$rows_taken + length(taken$index)
  if (the$rows_taken >= 1000) {
    the$rows_taken <- 0
    gc(full = FALSE)
  }
  failed <- if (spec$stop_early) Find(Negate(is.null), taken$error)
  if (!is.null(failed)) {
    stop_condition(row_conditions(list(failed), spec)[[1]])
  }
  taken
}
