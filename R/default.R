# The default client.

#' The default client
#'
#' `rekognition_default()` returns the client that functions use by default: [liveness_results()], [liveness_wait()],
#' [liveness_promise()], [rekognition_sitrep()], and the functions of the operations, such as
#' [rekognition_get_face_liveness_session_results()]. It is the client that `rekognition()` returns without arguments, with
#' settings from the environment and the shared files. All these functions share its connections and credentials.
#'
#' The default client follows the environment: it is created again after a change of a variable that it may depend on
#' (variables whose names begin with `AWS_`, those for proxies and certificates, and `HOME`), and after a call that
#' failed because there was no region or no credentials. It does not follow changes of settings in the shared files:
#' call `rekognition_reset()` after such a change. (Keys in these files are read again when the service reports the old
#' ones as expired, see [rekognition_credentials].)
#'
#' A client that you assign to a variable does not change.
#'
#' @return `rekognition_default()`: a client, see [rekognition()], whose conditions it raises. `rekognition_reset()`:
#'   `NULL`, invisibly; the default client is created again when it is next used.
#' @references
#' [AWS SDKs and Tools Reference Guide](https://docs.aws.amazon.com/sdkref/latest/guide/overview.html)
#' @export
#' @examples
#' check <- function() {
#'   emulator <- local_emulator()
#'   # These calls use the emulator, because they have no client.
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
