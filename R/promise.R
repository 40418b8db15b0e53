# Results as a promise. The background thread wakes the event loop, and R takes what is there.

#' Fetch the results of sessions without blocking
#'
#' `liveness_promise()` returns a promise of the value of [liveness_results()]: R continues at once, and the promise is
#' resolved in the event loop of the later package. Any number of promises can be pending. Use it in Shiny (also with
#' `ExtendedTask`, in shiny 1.8.1 or later), plumber, and other frameworks that accept promises.
#'
#' @section In Shiny and plumber:
#' With shiny 1.8.1 or later, an `ExtendedTask` accepts the promise:
#'
#' ```
#' fetch <- ExtendedTask$new(function(ids) liveness_promise(ids, svc))
#' observeEvent(input$fetch, fetch$invoke(ids()))
#' output$table <- renderTable(fetch$result()[c("session_id", "status", "confidence")])
#' ```
#'
#' In a plumber route, choose what to return: images and conditions cannot be converted to JSON, and the score is not
#' for the user who was checked.
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
#' The promises package warns about a rejected promise that is not handled with `promises::catch()`, including a
#' canceled one.
#'
#' @param session_ids,svc See [liveness_results()].
#' @param ... `max_active`, `images`, `dir` and `on_error`: see [liveness_results()]. With `timeout` or `interval`,
#'   sessions are polled until all have ended, as by [liveness_wait()].
#' @param promise A promise from `liveness_promise()`, [liveness_direct()] or [rekognition_promise()] itself: a promise
#'   that `promises::then()` made from it cannot be canceled.
#' @return `liveness_promise()`: a [promises::promise] of the data frame of [liveness_results()]. Every failure,
#'   including an invalid argument, rejects the promise with a condition of [liveness_results()]. One exception: if the
#'   packages later or promises are missing, a `rekognition_error` is raised at once.
#'
#'   `liveness_cancel()`: whether the promise was pending, invisibly. A canceled promise is rejected with a condition of
#'   class `rekognition_cancelled_error`, and its requests are stopped. Raises `rekognition_argument_error` for other
#'   objects.
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
#'   # A script must run the event loop itself.
#'   while (!later::loop_empty()) later::run_now(1)
#'   emulator$stop()
#' }
liveness_promise <- function(session_ids, svc = rekognition_default(), ...) {
  call <- user_call(sys.call(), hide_args = TRUE)
  promise_of(call, {
    if (missing(session_ids)) {
      stop_missing("session_ids", call)
    }
    promised_results(promise_spec(session_ids, svc, list(...), call))
  })
}

# A promise of what `work` does: a list of `handle`; `start`, which starts a task; `take`, which returns NULL until it has
# the value; and `end`, which cancels the task. An error rejects the promise.
promise_of <- function(call, work) {
  suspendInterrupts(load_event_loop(call))
  # Other threads know the number of the job only; R keeps the job until the promise is settled.
  job <- new.env(parent = emptyenv())
  promise <- suspendInterrupts(promises::promise(function(resolve, reject) {
    job$resolve <- resolve
    job$reject <- reject
  }))
  is_returned <- FALSE
  on.exit(if (!is_returned) suspendInterrupts(close_job(job)))
  job$call <- call
  reject_on_error(job, {
    job$work <- work
    start_job(job)
  })
  promise <- structure(promise, class = c("rekognition_promise", class(promise)), job = job)
  check_interrupt()
  is_returned <- TRUE
  promise
}

# Loads everything before Ctrl-C can interrupt it: a half-loaded namespace, or a lazily loaded function whose loading
# was interrupted twice, remains broken until R is restarted.
load_event_loop <- function(call) {
  if (isTRUE(the$event_loop_is_loaded)) {
    return(invisible())
  }
  for (package in c("later", "promises")) {
    install <- sprintf("install.packages(\"%s\")", package)
    check_installed(
      package,
      gettextf("Promises require the package '%s'. Install it with `%s`.", package, install),
      call
    )
  }
  for (package in c("rekognition", "later", "promises")) {
    # Functions are read from disk when they are first accessed.
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
  if (!inherits(promise, "rekognition_promise") || !is.environment(job)) {
    message <- gettextf(
      "`%s` must be a promise from `%s`, `%s` or `%s`, not %s.",
      "promise",
      "liveness_promise()",
      "liveness_direct()",
      "rekognition_promise()",
      if (inherits(promise, "promise")) gettext("a promise derived from one") else what_is(promise)
    )
    stop_argument("promise", message, call)
  }
  # In a copy from a file or another process, the number may be that of another job.
  was_pending <- is_pending(job)
  if (was_pending) {
    reject_job(job, cancelled_condition(job$call))
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

# The work of liveness_promise().
promised_results <- function(spec) {
  rows <- list()
  list(
    handle = spec$handle,
    start = if (length(spec$ids) > 0) function(...) start_batch(spec, ...),
    take = function(batch) {
      taken <- if (is.null(batch)) list(ended = TRUE) else take_rows(batch, spec, 0)
      if (length(taken$index) > 0) {
        rows[[length(rows) + 1]] <<- taken
      }
      if (taken$ended) new_results(spec, rows)
    },
    end = end_batch
  )
}

start_job <- function(job) {
  if (is.null(job$work$start)) {
    job$resolve(job$work$take(NULL))
    return(invisible())
  }
  if (!later_find()) {
    stop_plain(
      gettextf(
        "Promises require a newer version of the package '%s'. Update it with `%s`.",
        "later",
        "install.packages(\"later\")"
      ),
      job$call
    )
  }
  the$jobs <- the$jobs %% .Machine$integer.max + 1
  job$id <- the$jobs
  # Ctrl-C must not leave a running task that no job refers to.
  suspendInterrupts({
    job$task <- job$work$start(wake_id = job$id, loop_id = later::current_loop()$id)
    the$promises[[as.character(job$id)]] <- job
    # A timer that never fires keeps the event loop from being empty: code that runs it until then must wait for us.
    job$cancel_timer <- later::later(function() NULL, 1e6)
  })
}

# Called by native code in the event loop when rows have arrived for the job with this number.
wake <- function(id) {
  job <- the$promises[[as.character(id)]]
  # A canceled job is not in the list any more. Ctrl-C must not lose rows that were taken and not yet kept.
  if (!is.null(job)) {
    suspendInterrupts(reject_on_error(job, settle_job(job)))
    # A `creds` function that runs the event loop itself must not be called again.
    if (is_pending(job) && !isTRUE(job$work$handle$is_supplying_keys)) {
      supply_keys(job$work$handle, job$call)
    }
  }
  invisible()
}

settle_job <- function(job) {
  value <- job$work$take(job$task)
  if (!is.null(value)) {
    close_job(job)
    job$resolve(value)
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
  new_condition("rekognition_cancelled_error", gettext("The promise was canceled."), call)
}

close_job <- function(job) {
  if (is_pending(job)) {
    job$work$end(job$task)
    the$promises[[as.character(job$id)]] <- NULL
    if (is.function(job$cancel_timer)) job$cancel_timer()
  }
  job$task <- job$work <- job$cancel_timer <- NULL
}
