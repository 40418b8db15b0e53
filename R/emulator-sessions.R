# The results of an emulator's sessions: completed checks, and responses set by the user.

complete_check <- function(
  server,
  SessionId,
  status,
  confidence,
  feedback,
  reference_image,
  when,
  call
) {
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
  when <- check_choice(when, c("now", "streamed"), "when", call)
  if (when == "streamed" && !status %in% c("SUCCEEDED", "FAILED")) {
    message <- gettext("`when = \"streamed\"` requires the status \"SUCCEEDED\" or \"FAILED\".")
    stop_argument("status", message, call)
  }
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
  set <- if (when == "streamed") emulator_plan else emulator_check
  is_set <- emulator_value(set(server, SessionId, outcome), call)
  if (is.na(is_set)) {
    stop_argument(
      "SessionId",
      gettext("The check of this session is already complete, or the session has expired."),
      call
    )
  }
  if (!is_set) {
    stop_argument("SessionId", gettext("The emulator has no session with this `SessionId`."), call)
  }
  invisible()
}

streamed_video <- function(server, SessionId, keep_video, call) {
  if (missing(SessionId)) {
    stop_missing("SessionId", call)
  }
  SessionId <- check_string(SessionId, "SessionId", call)
  video <- emulator_value(emulator_video(server, SessionId), call)
  if (!keep_video) {
    stop_plain(
      gettext(
        "The emulator does not keep videos. Start it with `rekognition_emulator(keep_video = TRUE)`."
      ),
      call
    )
  }
  if (!is.raw(video)) {
    stop_argument("SessionId", gettext("The emulator has no video of a session with this `SessionId`."), call)
  }
  video
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
