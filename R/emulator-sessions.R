# The results of an emulator's sessions: completed checks, and responses set by the user.

complete_check <- function(server, SessionId, status, confidence, feedback, reference_image, call) {
  if (missing(SessionId)) {
    stop_missing("SessionId", call)
  }
  SessionId <- check_string(SessionId, "SessionId", call)
  status <- check_choice(
    status,
    c("CREATED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "EXPIRED"),
    "status",
    call
  )
  check_flag(reference_image, "reference_image", call)
  if (!is.null(confidence) && (!is_number(confidence) || confidence < 0 || confidence > 100)) {
    message <- gettextf(
      "`%s` must be a number from %s to %s, or NULL, not %s.",
      "confidence",
      0,
      100,
      value_or_type(confidence)
    )
    stop_argument("confidence", message, call)
  }
  outcome <- list(
    status = status,
    confidence = confidence,
    feedback = check_feedback(feedback, status, call),
    reference_image = reference_image
  )
  if (!emulator_value(emulator_check(server, SessionId, outcome), call)) {
    stop_argument("SessionId", gettext("The emulator has no session with this `SessionId`."), call)
  }
  invisible()
}

put_result <- function(server, SessionId, result, status_code, headers, call) {
  if (missing(SessionId)) {
    stop_missing("SessionId", call)
  }
  if (missing(result)) {
    stop_missing("result", call)
  }
  SessionId <- check_string(SessionId, "SessionId", call)
  result <- check_json(check_body(result, "result", call), "result", call)
  status_code <- check_status_code(status_code, call)
  headers <- check_headers(headers, call)
  emulator_value(emulator_put_result(server, SessionId, result, status_code, headers), call)
  invisible()
}
