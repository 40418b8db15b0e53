# One call as a promise.

#' Call an operation without blocking
#'
#' `rekognition_promise()` returns a promise of an operation's value: R continues at once, and the promise is resolved in
#' the event loop of the later package. Any number of promises can be pending. Use it in Shiny (also with `ExtendedTask`,
#' in shiny 1.8.1 or later), plumber, and other frameworks that accept promises. [liveness_promise()] does the same for
#' the results of Face Liveness sessions, [rekognition_map()] makes many calls at once.
#'
#' Throttled requests and other transient failures are retried as by [rekognition_map()].
#'
#' The promises package warns about a rejected promise that is not handled with `promises::catch()`, including a
#' canceled one.
#'
#' @section In Shiny:
#' With shiny 1.8.1 or later, an `ExtendedTask` accepts the promise:
#'
#' ```
#' compare <- ExtendedTask$new(function(document, reference) {
#'   rekognition_promise(svc$compare_faces, document, reference, SimilarityThreshold = 90)
#' })
#' ```
#'
#' @param operation An operation of a client, such as `svc$compare_faces`, or of the default client, such as
#'   `rekognition_compare_faces`: the function itself, which is not called here.
#' @param ... The arguments of the operation.
#' @return A [promises::promise] of the list that the operation returns. [liveness_cancel()] cancels it: it is then
#'   rejected with a `rekognition_cancelled_error`. Every failure, including an invalid argument, rejects the promise with
#'   a condition of the operation (see [rekognition_conditions]); an argument that the operation does not have rejects it
#'   with R's own error, `unused argument`. One exception: if the packages later or promises are missing, a
#'   `rekognition_error` is raised at once.
#' @references
#' [CompareFaces](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CompareFaces.html),
#' [promises](https://rstudio.github.io/promises/)
#' @export
#' @examples
#' if (requireNamespace("promises", quietly = TRUE)) {
#'   emulator <- rekognition_emulator()
#'   svc <- rekognition(config = emulator$config)
#'   image <- rekognition_image(system.file("extdata", "face-0.jpg", package = "rekognition"))
#'
#'   promise <- rekognition_promise(svc$detect_faces, image)
#'   done <- promises::then(promise, function(value) print(length(value$FaceDetails)))
#'   # A script must run the event loop itself.
#'   while (!later::loop_empty()) later::run_now(1)
#'   emulator$stop()
#' }
rekognition_promise <- function(operation, ...) {
  call <- user_call(sys.call(), hide_args = TRUE)
  promise_of(call, {
    if (missing(operation)) {
      stop_missing("operation", call)
    }
    operation <- operation_spec(operation, call)
    promised_value(operation, matched_arguments(operation, ...))
  })
}

# The work of rekognition_promise().
promised_value <- function(operation, arguments) {
  force(arguments)
  list(
    handle = operation$handle,
    start = function(...) {
      batch <- start_calls(operation, max_active = 1, ...)
      supply_call(batch, arguments, "...", operation$call)
      # They may be images.
      arguments <<- NULL
      batch_close(batch)
      batch
    },
    take = function(batch) {
      taken <- take_values(batch, operation, 0)
      if (length(taken$value) > 0) {
        value_or_stop(taken$value[[1]], operation$call)
      } else if (taken$ended) {
        stop_early_end(operation$call)
      }
    },
    end = end_batch
  )
}
