# The default client: one for all functions that are given none.

#' The default client
#'
#' `rekognition_default()` returns the client that functions use when they are given none: [liveness_results()],
#' [liveness_wait()] and [liveness_promise()], [rekognition_sitrep()], and the functions of the operations, such as
#' [rekognition_get_face_liveness_session_results()]. It is what `rekognition()` makes without arguments, from the
#' environment and the shared files, and all these functions share its connections and credentials.
#'
#' It follows the environment: it is made anew when a variable that it may have been made from has changed since (those
#' whose names begin with `AWS_`, those of proxies and certificates, and `HOME`). It is also
#' made anew after a call that failed because no region or credentials were found. It does not follow the shared files otherwise: call `rekognition_reset()` after a
#' change of their settings. (Keys in them are read again when the service calls the old ones expired, see
#' [rekognition_credentials].)
#'
#' A client that you keep in a variable stays as it is.
#'
#' @return `rekognition_default()`: a client, see [rekognition()], whose conditions it raises. `rekognition_reset()`:
#'   `NULL`, invisibly; the next function that needs the default client makes it.
#' @references
#' [AWS SDKs and Tools Reference Guide](https://docs.aws.amazon.com/sdkref/latest/guide/overview.html)
#' @export
#' @examples
#' check <- function() {
#'   emulator <- local_emulator()
#'   # No client is given: these use the emulator.
#'   id <- rekognition_create_face_liveness_session()$SessionId
#'   emulator$check(id)
#'   liveness_results(id)$status
#' }
#' check()
#'
#' rekognition_reset()
rekognition_default <- function() {
  new_client(default_handle(user_call(sys.call())))
}

#' @rdname rekognition_default
#' @export
rekognition_reset <- function() {
  the$client <- NULL
  invisible()
}
