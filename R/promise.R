# Results without waiting: rows are taken when the background thread has woken the event loop.

#' Fetch the results of sessions without waiting
#'
#' `liveness_promise()` gives what [liveness_results()] gives, as a promise: R goes on at once, and the event loop of the
#' package later is woken when the results are there. Many promises can be under way at the same time. It is made for
#' Shiny (also for its `ExtendedTask`, in shiny 1.8.1 or later), plumber, and whatever else takes a promise.
#'
#' @section In Shiny and plumber:
#' With shiny 1.8.1 or later, an `ExtendedTask` takes the promise as it is:
#'
#' ```
#' fetch <- ExtendedTask$new(function(ids) liveness_promise(ids, svc))
#' observeEvent(input$fetch, fetch$invoke(ids()))
#' output$table <- renderTable(fetch$result()[c("session_id", "status", "confidence")])
#' ```
#'
#' In a route of plumber, choose what is to be told: images and conditions have no JSON, and the score is not for
#' the person who was checked.
#'
#' ```
#' #* @get /verdict/<id>
#' function(id) {
#'   verdict <- function(results) {
#'     list(pass = isTRUE(results$status == "SUCCEEDED" && results$confidence >= threshold))
#'   }
#'   promises::then(liveness_promise(id, svc, images = "drop"), verdict)
#' }
#' ```
#'
#' A promise that is rejected and that nobody handles (`promises::catch()`) gives a warning of the package promises; so
#' does one that was cancelled.
#'
#' @param session_ids,svc As for [liveness_results()].
#' @param ... `max_active`, `images`, `dir` and `on_error`, as for [liveness_results()]. With `timeout` or `interval`,
#'   sessions are asked for again until all have ended, as by [liveness_wait()].
#' @param promise A promise of `liveness_promise()`.
#' @return `liveness_promise()`: a [promises::promise] of the data frame of [liveness_results()]. Every failure, also that
#'   of a bad argument, is a rejection, with the conditions of [liveness_results()]; except that `rekognition_error` is
#'   raised at once if the packages later and promises are not installed.
#'
#'   `liveness_cancel()`: whether there was something to cancel, invisibly. A promise that is cancelled is
#'   rejected with a condition of the class `rekognition_cancelled_error`, and its requests are stopped. It
#'   raises `rekognition_argument_error` for anything but such a promise.
#' @references
#' [GetFaceLivenessSessionResults](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_GetFaceLivenessSessionResults.html),
#' [promises](https://rstudio.github.io/promises/)
#' @export
#' @examples
#' if (requireNamespace("promises", quietly = TRUE)) {
#'   emulator <- rekognition_emulator()
#'   svc <- rekognition(config = emulator$config)
#'   id <- svc$create_face_liveness_session()$SessionId
#'   emulator$check(id)
#'
#'   promise <- liveness_promise(id, svc)
#'   done <- promises::then(promise, function(results) print(results$status))
#'   # In a script nobody runs the event loop: this does.
#'   while (!later::loop_empty()) later::run_now(1)
#'   emulator$stop()
#' }
liveness_promise <- function(session_ids, svc = rekognition_default(), ...) {
  call <- user_call(sys.call(), hide_args = TRUE)
  suspendInterrupts(load_event_loop(call))
  # No more than a number is known to other threads; what belongs to it is kept here until it is settled.
  job <- new.env(parent = emptyenv())
  promise <- suspendInterrupts(promises::promise(function(resolve, reject) {
    job$resolve <- resolve
    job$reject <- reject
  }))
  is_returned <- FALSE
  on.exit(if (!is_returned) suspendInterrupts(close_job(job)))
  reject_on_error(job, {
    if (missing(session_ids)) {
      stop_missing("session_ids", call)
    }
    job$spec <- promise_spec(session_ids, svc, list(...), call)
    start_job(job)
  })
  promise <- structure(promise, class = c("liveness_promise", class(promise)), job = job)
  check_interrupt()
  is_returned <- TRUE
  promise
}

# Ctrl-C must find everything loaded: a namespace of which it left half, and a function whose loading it broke off twice,
# stay broken for the rest of the session.
load_event_loop <- function(call) {
  if (isTRUE(the$event_loop_is_loaded)) {
    return(invisible())
  }
  check_installed(
    "later",
    gettextf("The package %s is needed to be told of results: %s.", "later", "install.packages(\"later\")"),
    call
  )
  check_installed(
    "promises",
    gettextf("The package %s is needed to make promises: %s.", "promises", "install.packages(\"promises\")"),
    call
  )
  for (package in c("rekognition", "later", "promises")) {
    # Functions are read from the disk when they are first looked at.
    eapply(asNamespace(package), identity, all.names = TRUE)
  }
  the$event_loop_is_loaded <- TRUE
}

#' @rdname liveness_promise
#' @export
liveness_cancel <- function(promise) {
  call <- user_call(sys.call())
  if (missing(promise)) {
    stop_missing("promise", call)
  }
  job <- attr(promise, "job")
  if (!inherits(promise, "liveness_promise") || !is.environment(job)) {
    stop_argument(
      "promise",
      gettextf(
        "`%s` must be a promise made by `%s`, not %s.",
        "promise",
        "liveness_promise()",
        what_is(promise)
      ),
      call
    )
  }
  # A copy from a file or another process has a number that is somebody else's by now.
  was_pending <- is_pending(job)
  if (was_pending) {
    reject_job(job, cancelled_condition(job$spec$call))
  }
  invisible(was_pending)
}

promise_spec <- function(session_ids, svc, given, call) {
  options <- list(
    max_active = 10,
    images = "keep",
    dir = NULL,
    on_error = "row",
    timeout = 170,
    interval = 1
  )
  is_polled <- any(c("timeout", "interval") %in% names(given))
  options <- check_options(given, options, c("session_ids", "svc"), "liveness_promise()", call)
  polling <- if (is_polled) check_polling(options$timeout, options$interval, call)
  batch_spec(
    session_ids,
    svc,
    options$max_active,
    options$images,
    options$dir,
    options$on_error,
    polling,
    call
  )
}

start_job <- function(job) {
  spec <- job$spec
  if (length(spec$ids) == 0) {
    job$resolve(new_results(spec, list()))
    return(invisible())
  }
  if (!later_find()) {
    stop_plain(gettextf("The package %s is too old.", "later"), spec$call)
  }
  the$jobs <- the$jobs %% .Machine$integer.max + 1
  job$id <- the$jobs
  job$rows <- list()
  # Ctrl-C must not come between a batch that runs and a job that knows of it.
  suspendInterrupts({
    job$batch <- start_batch(spec, wake_id = job$id, loop_id = later::current_loop()$id)
    the$promises[[as.character(job$id)]] <- job
    # A timer that never comes: without one, those who run the event loop until it is empty would not wait for us.
    job$cancel_timer <- later::later(function() NULL, 1e6)
  })
}

# Called by native code in the event loop: rows have come for the promise with this number.
wake <- function(id) {
  job <- the$promises[[as.character(id)]]
  # One that was cancelled is not there any more. Ctrl-C must not come between rows that are taken and kept.
  if (!is.null(job)) {
    suspendInterrupts(reject_on_error(job, take_promise_rows(job)))
    # A function for keys that runs the event loop is at work already.
    if (is_pending(job) && !isTRUE(job$spec$handle$is_supplying_keys)) {
      supply_keys(job$spec$handle, job$spec$call)
    }
  }
  invisible()
}

take_promise_rows <- function(job) {
  taken <- take_rows(job$batch, job$spec, 0)
  if (length(taken$index) > 0) {
    job$rows[[length(job$rows) + 1]] <- taken
  }
  if (taken$ended) {
    results <- new_results(job$spec, job$rows)
    close_job(job)
    job$resolve(results)
  }
}

reject_on_error <- function(job, work) {
  tryCatch(work, error = function(e) reject_job(job, e))
}

reject_job <- function(job, condition) {
  close_job(job)
  job$reject(condition)
}

is_pending <- function(job) {
  !is.null(job$id) && identical(the$promises[[as.character(job$id)]], job)
}

cancelled_condition <- function(call) {
  new_condition("rekognition_cancelled_error", gettext("The promise was cancelled."), call)
}

close_job <- function(job) {
  if (is_pending(job)) {
    batch_cancel(job$batch)
    write_log(batch_log(job$batch))
    the$promises[[as.character(job$id)]] <- NULL
    if (is.function(job$cancel_timer)) job$cancel_timer()
  }
  job$batch <- job$rows <- job$cancel_timer <- NULL
}
