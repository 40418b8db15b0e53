# The log: one line of JSON for each event, to stderr. It contains no score, no verdict and no image. A user is a keyed
# hash, equal in all lines and all processes with the same cookie key.

log_event <- function(event, ..., level = "info") {
  line <- c(list(at = time_text(), level = level, event = event, process = process_name), list(...))
  message(jsonlite::toJSON(line, auto_unbox = TRUE, null = "null"))
}

# Where it happened, the class of the error or the database's code, and the service's request ID, but not the message, which
# could quote a response or a row.
log_error <- function(error, ...) {
  is_database <- inherits(error, "database_error")
  is_service <- inherits(error, "rekognition_error")
  log_event(
    "error",
    where = if (is_database) {
      "database"
    } else if (is_service) {
      "service"
    } else {
      "back end"
    },
    error = if (is_database) error$code else class(error)[1],
    request = c(error$request_id, NA)[1],
    ...,
    level = "error"
  )
}

hashed_user <- function(user) {
  substr(sodium::bin2hex(sodium::sha256(charToRaw(enc2utf8(user)), sodium::hex2bin(cookie_key))), 1, 16)
}
