# Many sessions: a native batch is started, waited for, and its rows become results.

#' Fetch the results of many sessions
#'
#' `liveness_results()` fetches the results of sessions, many at a time, each session once. `liveness_wait()` asks
#' again until every session has ended (`SUCCEEDED`, `FAILED` or `EXPIRED`) or time is up.
#'
#' All requests run on one client, in the background of R, `max_active` at a time. If the service throttles, the batch
#' slows down to the rate that the account is allowed, and no session is lost: a request that was refused is sent
#' again for as long as `operation_timeout` of the client allows. Other failures that may pass are sent again up to
#' `max_retries` times. `max_retries = 0` turns both off.
#'
#' `liveness_wait()` asks for a session every `interval` seconds at first, and then less and less often, up to five
#' times `interval`; sessions are not asked for all at the same moment. A session is gone 180 seconds after its
#' creation, so that nothing is waited for much longer, whatever `timeout` says. When time is up, the rows hold what
#' was found last: the status is then `CREATED` or `IN_PROGRESS`.
#'
#' Ctrl-C stops everything and returns nothing; what was saved in `dir` stays.
#'
#' @section Images in files:
#' With `dir`, images are written as they arrive, as `<session id>/reference.jpg`, `audit-1.jpg` and so on (`.png` for
#' PNG), beside `results.json`, which holds the rest of the answer. The image columns then hold paths, so that memory
#' does not grow with the number of sessions. Files and folders are for the owner alone (0600, 0700 where the
#' system has such a thing), and appear whole or not at all. A session that has ended and whose files are all there
#' is not asked for again: run the same call again after an interruption, and it fetches what is missing, as long as the
#' service has it: for 3 minutes from the session's creation. Several processes can use one `dir` at the same time. A
#' session id that cannot be a folder's name is an error.
#'
#' What is in `dir` is not trusted. A link, a device, a file that is larger than any result, half a result or that of
#' another session is not a saved result, and the session is asked for again. A session's folder that is a link is not
#' written to.
#'
#' Where files cannot be written (a full disk, say) the row keeps the verdict, and its images in memory, with a
#' `rekognition_file_error` beside it in `error`.
#'
#' @param session_ids Character vector (or factor) of session ids, at most 100,000. Each is asked for once, also if it is
#'   there twice.
#' @param svc A client: see [rekognition()]; by default the one that [rekognition_default()] gives.
#' @param max_active Whole number from 1 to 1,000: the most requests in flight.
#' @param images `"keep"`: with the results. `"drop"`: not at all, to save memory.
#' @param dir Path of a folder to save images in; made if it is not there.
#' @param progress Whether to show a progress bar. It shows in interactive sessions, and only if the work takes
#'   some seconds.
#' @param on_error `"row"`: an error is a row with the condition in the column `error`. `"stop"`: the first error ends the
#'   batch and is raised.
#' @return A data frame of class `liveness_results` (never a tibble, whatever is loaded), with a row for each element of
#'   `session_ids`, in that order, and the columns
#'
#' \describe{
#'   \item{`session_id`}{String.}
#'   \item{`status`}{String: `"SUCCEEDED"`, ...; `NA` after an error.}
#'   \item{`confidence`}{Number: from 0 to 100, `NA` if there is none.}
#'   \item{`reference_image`}{List: a `liveness_image`: the list `Bytes`, `S3Object`, `BoundingBox` of the
#'     service; or a path; `NULL` if there is none.}
#'   \item{`audit_images`}{List: for each session a list of `liveness_image`s, or a vector of paths.}
#'   \item{`n_audit_images`}{Integer: number of audit images.}
#'   \item{`challenge_type`, `challenge_version`}{String: what the person was asked to do.}
#'   \item{`feedback`}{List: data frames with the columns `code` and `message`.}
#'   \item{`sdk_type`}{String: the client that streamed the video, in its own words.}
#'   \item{`error`}{List: a condition (see [rekognition_conditions]), `NULL` where it went well.}
#'   \item{`error_code`}{String: the service's code, or the condition's class; `NA` where it went well.}
#'   \item{`request_id`}{String: the service's id of the last request.}
#'   \item{`attempts`}{Integer: requests that were sent.}
#'   \item{`retrieved_at`}{POSIXct: when the answer came.}
#' }
#'
#' Why a check has failed is not said by the service. The condition in `error` says why a session could not be
#' fetched.
#'
#' Raises `rekognition_argument_error` for a bad argument. What concerns no single session and is found before the first
#' response (no region, no credentials, a bad setting) is raised once, whatever `on_error` says: as a
#' `rekognition_config_error` or a `rekognition_credentials_error`. With `on_error = "stop"` it also raises the conditions of
#' [rekognition_get_face_liveness_session_results()]. An answer that never came within `timeout` is a
#' `rekognition_timeout_error`.
#' @section Printing, and other tools:
#' Results print in a few lines: how many sessions there are with which status or error, and `n` rows
#' (`print(results, n = 20)`; 10 by default, with `digits` and `width` as the options of these names), without
#' columns that are empty. Of complete results these are the columns that are looked at most, and those that you add; of
#' columns that you choose, `results[c("session_id", "retrieved_at")]`, all. Where the page is too narrow, ids and long
#' text are shortened, and the last line names the columns that are left out. A confidence is never shown as more than it is: 99.9999999
#' prints as 99.99999 and not as 100, since it does not pass a threshold of 100. Text of the service is shown without
#' control characters, and shortened if it is very long.
#'
#' Base R's `[`, `subset()`, `rbind()`, `split()` and `within()` keep the class, and so do the verbs of dplyr that
#' return rows of their first argument: `filter()`, `mutate()`, `arrange()`, `select()`, `distinct()`, `slice()`,
#' `bind_rows()`, and joins with results on the left. `merge()`, `cbind()`, `transform()`, `group_by()`, `rowwise()`,
#' `summarise()` and joins with results on the right return other data frames; `as_liveness_results()` gives the class
#' back, without groups.
#'
#' The columns of images, feedback and errors are lists. For CSV, databases and JSON choose columns of text and
#' numbers, `results[c("session_id", "status", "confidence", "error_code")]`, and save the images in files with `dir` or
#' [liveness_save()]. `write.csv()` of all columns, `paste()` and `as.character()` write a description of an image, as it
#' prints, and not its bytes; databases refuse lists. `dput()`, `unlist()` and `jsonlite::toJSON(force = TRUE)` do give
#' the bytes. `jsonlite::toJSON()` rounds to four digits, by which 99.99999 becomes 100: use `digits = NA`.
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
#' # Until all have ended.
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
  # The client may be made in the call: its arguments are not shown in conditions.
  call <- user_call(sys.call(), hide_args = TRUE)
  if (missing(session_ids)) {
    stop_missing("session_ids", call)
  }
  fetch(session_ids, svc, max_active, images, dir, progress, on_error, NULL, call)
}

#' @rdname liveness_results
#' @param timeout Seconds until results are returned as they are.
#' @param interval Seconds between two questions for one session, at first.
#' @param ... `max_active`, `images`, `dir`, `progress` and `on_error`, as for `liveness_results()`.
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
  on.exit({
    batch_cancel(batch)
    write_log(batch_log(batch))
  })
  bar <- if (progress && interactive()) {
    cli::cli_progress_bar(gettext("Fetching results"), total = length(spec$unique_ids))
  }
  rows <- list()
  done <- 0
  repeat {
    taken <- take_rows(batch, spec, wait_seconds)
    if (length(taken$index) > 0) {
      rows[[length(rows) + 1]] <- taken
    }
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
  rows
}

# Takes the rows that are there, after waiting up to `seconds` for the first one.
take_rows <- function(batch, spec, seconds) {
  taken <- client_value(batch_take(batch, spec$keep_images, seconds), spec$handle, spec$call)
  write_log(batch_log(batch))
  # R collects garbage by the size of its own vectors and would let discarded rows pile up.
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
