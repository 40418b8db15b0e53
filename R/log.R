# The log: native code keeps the lines, and R's thread writes them to stderr.

#' The log
#'
#' Logging is off by default. `options(rekognition.log_level = "info")`, or the environment variable `REKOGNITION_LOG`
#' if the option is not set, writes one line to stderr for each call; `"debug"` adds a line for each request and each
#' response. `"off"` turns logging off. The level is read at each call.
#'
#' Lines contain the time (UTC), the operation, the endpoint, the HTTP status, the error code, the request ID of the
#' service, the duration, and the number of attempts. They contain no secrets, access key IDs, images, confidences or
#' session IDs, and no other text of the service.
#'
#' An unknown level is a `rekognition_config_error`.
#'
#' @references
#' [Request IDs](https://docs.aws.amazon.com/rekognition/latest/APIReference/CommonErrors.html), which AWS Support
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

# The level in the option. If it is not set, native code reads the environment variable.
log_level <- function(call) {
  level <- getOption("rekognition.log_level")
  if (is.null(level)) NULL else check_log_level(level, call)
}

write_log <- function(lines) {
  if (length(lines) > 0) {
    writeLines(lines, stderr())
  }
}
