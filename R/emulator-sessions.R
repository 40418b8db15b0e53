# The results of an emulator's sessions: completed checks, and responses set by the user.

complete_check <- function(
  server,
  SessionId,
  status,
  confidence,
  feedback,
  reference_image,
  when,
  image,
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
    reference_image = reference_image,
    images = check_session_images(image, status, call)
  )
  set <- if (when == "streamed") emulator_plan else emulator_check
  is_set <- emulator_value(set(server, SessionId, outcome), call)
  if (is.numeric(is_set)) {
    stop_session_image(outcome$images, is_set, call)
  }
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

# The images of a check: raw vectors, or objects in the emulator's buckets. Their names are their paths in the argument.
check_session_images <- function(x, status, call) {
  if (is.null(x)) {
    return(NULL)
  }
  if (status != "SUCCEEDED") {
    stop_argument("image", gettext("`image` requires `status = \"SUCCEEDED\"`."), call)
  }
  is_image <- inherits(x, "liveness_image") || any(names(x) %in% c("Bytes", "S3Object", "BoundingBox"))
  images <- if (is.list(x) && !is_image) unclass(x) else list(x)
  names(images) <- if (is.list(x) && !is_image) sprintf("image[[%d]]", seq_along(x)) else "image"
  if (length(images) == 0) {
    stop_argument("image", gettextf("`%s` must not be empty.", "image"), call)
  }
  images <- Map(function(x, where) session_image(x, where, call), images, names(images))
  if (sum(lengths(Filter(is.raw, images))) > max_session_bytes) {
    message <- gettextf("The images of a check must not have more than %s MB.", max_session_bytes / 1e6)
    stop_argument("image", message, call)
  }
  images
}

# In base64, they fit in a response that the client accepts.
max_session_bytes <- 8e6

session_image <- function(x, where, call) {
  if (is_string(x) && startsWith(x, "s3://")) {
    return(s3_object(x, where, call))
  }
  if (is.list(x) && !inherits(x, "liveness_image")) {
    x <- unclass(x)
  }
  image <- as_image(x, where, call)
  if (length(image$Bytes) == 0 && !is.null(s3_uri(image$S3Object))) image$S3Object else image$Bytes
}

stop_session_image <- function(images, number, call) {
  where <- names(images)[number]
  message <- if (is.raw(images[[number]])) {
    gettextf("`%s` must be a complete JPEG or PNG image.", where)
  } else {
    gettextf("`%s` must be a complete JPEG or PNG image in one of the emulator's buckets.", where)
  }
  stop_argument(where, message, call)
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
