# The log: lines that native code has kept, written to stderr by R's own thread.

#' The log
#'
#' Off by default. `options(rekognition.log_level = "info")`, or the environment variable `REKOGNITION_LOG` where
#' the option is not set, gives one line on stderr for each call; `"debug"` one more for each request and for
#' each answer to one. `"off"` turns it off. The level is looked up at each call.
#'
#' Lines tell the time (UTC), the operation, the endpoint, the HTTP status, the error's code, the service's
#' request id, how long it took, and the number of attempts. They hold no secret, no access key id, no
#' picture, no confidence, no session id and none of the service's other words.
#'
#' A level that does not exist is a `rekognition_config_error`.
#'
#' @references
#' [Request ids](https://docs.aws.amazon.com/rekognition/latest/APIReference/CommonErrors.html), which AWS Support
#' asks for
#' @name rekognition_log
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' old <- options(rekognition.log_level = "debug")
#' emulator$fault("throttle")
#' id <- svc$create_face_liveness_session()$SessionId
#' options(old)
#' emulator$stop()
NULL

# The level that the option names. Where it is not set, native code looks at the environment.
log_level <- function(call) {
  level <- getOption("rekognition.log_level")
  if (is.null(level)) NULL else check_log_level(level, call)
}

write_log <- function(lines) {
  if (length(lines) > 0) {
    writeLines(lines, stderr())
  }
}
