# The log: one line of JSON for each event, to stderr. It contains no score, no verdict and no image. A user is a keyed
# hash, equal in all lines and all processes with the same cookie key.

log_event <- function(event, ..., level = "info") {
  line <- c(list(at = time_text(), level = level, event = event, process = process_name), list(...))
  message(jsonlite::toJSON(line, auto_unbox = TRUE, null = "null"))
}

# The class of the error and the service's request ID, but not the message, which could quote a response or a row.
log_error <- function(error, ...) {
  log_event("error", error = class(error)[1], request = c(error$request_id, NA)[1], ..., level = "error")
}

hashed_user <- function(user) {
  substr(sodium::bin2hex(sodium::sha256(charToRaw(enc2utf8(user)), sodium::hex2bin(cookie_key))), 1, 16)
}
