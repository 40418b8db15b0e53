# Checks of the emulator's arguments, and of what its native code returns.

check_whole_number_between <- function(x, min, max, argument, call) {
  if (!is_number(x) || x != round(x) || x < min || x > max) {
    stop_argument(
      argument,
      gettextf("`%s` must be a whole number from %s to %s, not %s.", argument, min, max, value_or_type(x)),
      call
    )
  }
  x
}

check_emulated_region <- function(x, call) {
  x <- check_string(x, "region", call)
  if (!grepl("^[A-Za-z0-9-]+$", x)) {
    stop_argument("region", gettextf("`%s` must be a region such as \"us-east-1\".", "region"), call)
  }
  x
}

# A bucket's name, as `OutputConfig` accepts it.
check_bucket <- function(x, call) {
  x <- check_string(x, "bucket", call)
  if (!grepl("^[A-Za-z0-9._-]{3,255}$", x, useBytes = TRUE)) {
    message <- gettextf(
      "`%s` must have 3 to 255 letters, digits, dots, hyphens and underscores, not be \"%s\".",
      "bucket",
      clean_text(x, 50)
    )
    stop_argument("bucket", message, call)
  }
  x
}

# Keys that an emulator accepts. The signature contains the ID, between slashes.
check_emulator_keys <- function(x, call) {
  if (is.null(x)) {
    return(NULL)
  }
  names <- key_names[1:2]
  check_members(x, names, "credentials", call)
  for (name in names) {
    where <- paste0("credentials$", name)
    if (is.null(x[[name]])) {
      stop_argument("credentials", gettextf("`%s` is missing.", where), call)
    }
    if (!is_string(x[[name]])) {
      message <- gettextf("`%s` must be a string, not %s.", where, what_is(x[[name]]))
      stop_argument("credentials", message, call)
    }
  }
  if (!grepl("^[A-Za-z0-9_]{1,128}$", x$access_key_id, useBytes = TRUE)) {
    message <- gettextf("`%s` must have 1 to 128 letters and digits.", "credentials$access_key_id")
    stop_argument("credentials", message, call)
  }
  if (!grepl("^[!#-&(-~]+$", x$secret_access_key, useBytes = TRUE)) {
    message <- gettextf(
      "`%s` must consist of ASCII characters other than spaces and quotation marks.",
      "credentials$secret_access_key"
    )
    stop_argument("credentials", message, call)
  }
  lapply(x[names], as.vector)
}

# How often something happens: a number, or another value that was checked before.
check_times <- function(x, other, call) {
  if (!is_number(x) || x != round(x) || x < 1 || x > 2^31) {
    message <- gettextf(
      "`%s` must be a whole number of at least %s, or %s, not %s.",
      "times",
      1,
      other,
      value_or_type(x)
    )
    stop_argument("times", message, call)
  }
  x
}

check_status_code <- function(x, call) {
  check_whole_number_between(x, 200, 599, "status_code", call)
}

feedback_codes <- c(
  "FACE_NOT_VISIBLE",
  "FACE_OBSTRUCTION_DETECTED",
  "LOW_VIDEO_QUALITY_DETECTED",
  "FACE_NOT_ALIGNED",
  "EYES_CLOSED_DETECTED",
  "LOW_LIGHTING_DETECTED",
  "HIGH_LIGHTING_DETECTED"
)

check_feedback <- function(x, status, call) {
  if (!is.character(x) || anyNA(x) || !is_text(x)) {
    stop_argument(
      "feedback",
      gettextf("`%s` must be a character vector of feedback codes.", "feedback"),
      call
    )
  }
  if (length(x) > 0 && status != "SUCCEEDED") {
    stop_argument("feedback", gettext("`feedback` requires `status = \"SUCCEEDED\"`."), call)
  }
  unknown <- setdiff(x, feedback_codes)
  if (length(unknown) > 0) {
    stop_argument("feedback", unknown_name(unknown[1], feedback_codes, "feedback"), call)
  }
  to_utf8(x)
}

check_headers <- function(x, call) {
  is_valid <- is.character(x) &&
    !anyNA(x) &&
    (length(x) == 0 || has_names(x)) &&
    all(grepl("^[A-Za-z0-9-]+$", names(x))) &&
    !any(grepl("[^ -~]", x))
  if (!is_valid || any(ascii_lower(names(x)) %in% c("content-length", "transfer-encoding"))) {
    stop_argument(
      "headers",
      gettextf(
        "`%s` must be a named character vector of ASCII text, without Content-Length or Transfer-Encoding.",
        "headers"
      ),
      call
    )
  }
  x
}

# A list, a string or bytes to send.
check_body <- function(x, argument, call) {
  if (is_string(x)) {
    return(check_string(x, argument, call))
  }
  if ((!is.list(x) || is.data.frame(x)) && !is.raw(x)) {
    stop_argument(
      argument,
      gettextf("`%s` must be a list, a string or a raw vector, not %s.", argument, what_is(x)),
      call
    )
  }
  x
}

# A value that JSON can represent without loss: lists, strings, finite numbers, TRUE and FALSE, and raw vectors as
# base64. NULL stands for absent members. `where` is its path in the argument.
check_json <- function(x, argument, call, where = argument, depth = 0) {
  if (is.null(x) || is.raw(x)) {
    return(x)
  }
  if (is.object(x) || !(is.list(x) || is.character(x) || is.numeric(x) || is.logical(x))) {
    stop_argument(
      argument,
      gettextf("`%s` must not be %s: JSON cannot represent it.", where, what_is(x)),
      call
    )
  }
  if (is.list(x)) {
    if (depth > 100) {
      stop_argument(argument, gettextf("`%s` must not have more than %s levels.", argument, 100), call)
    }
    if (!is.null(names(x))) {
      if (!has_names(x)) {
        stop_argument(
          argument,
          gettextf("Either all or none of the members of `%s` must have names.", where),
          call
        )
      }
      names(x) <- to_utf8(names(x))
      where <- paste0(where, "$", names(x))
    } else {
      where <- paste0(where, "[[", seq_along(x), "]]")
    }
    x[] <- Map(function(member, where) check_json(member, argument, call, where, depth + 1), x, where)
    return(x)
  }
  if (length(x) > 1 || anyNA(x) || any(is.infinite(x)) || (is.character(x) && !is_text(x))) {
    stop_argument(argument, gettextf("`%s` must be a single value that JSON can represent.", where), call)
  }
  if (is.character(x)) to_utf8(x) else x
}

# The name of an operation, in the service's or in R's form.
check_emulated_operation <- function(x, call) {
  x <- check_string(x, "operation", call)
  known <- names(operation_arguments)
  if (grepl("[A-Z]", x)) {
    known <- gsub("(^|_)([a-z])", "\\U\\2", known, perl = TRUE)
  }
  if (!x %in% known) {
    near <- near_misses(x, known)
    message <- if (is.null(near)) {
      gettextf("The service has no operation `%s`.", clean_text(x, 100))
    } else {
      gettextf("The service has no operation `%s`. Did you mean %s?", clean_text(x, 100), either(near))
    }
    stop_argument("operation", message, call)
  }
  x
}

# The sides of a face as ratios of its image.
check_bounding_box <- function(x, call) {
  sides <- c("Width", "Height", "Left", "Top")
  check_members(x, sides, "bounding_box", call)
  for (side in sides) {
    where <- paste0("bounding_box$", side)
    if (is.null(x[[side]])) {
      stop_argument("bounding_box", gettextf("`%s` is missing.", where), call)
    }
    if (!is_number(x[[side]]) || !is.finite(x[[side]])) {
      message <- gettextf("`%s` must be a finite number, not %s.", where, value_or_type(x[[side]]))
      stop_argument("bounding_box", message, call)
    }
    if (side %in% c("Width", "Height") && x[[side]] <= 0) {
      message <- gettextf("`%s` must be above %s, not %s.", where, 0, format(x[[side]]))
      stop_argument("bounding_box", message, call)
    }
  }
  lapply(x, as.double)
}

# The arguments of each kind of fault, with their defaults; "" has none.
fault_kinds <- list(
  throttle = list(status_code = 400),
  error = list(code = "", message = NULL, status_code = 400),
  delay = list(seconds = ""),
  hang = list(),
  close = list(),
  drop = list(),
  reset = list(),
  cut_off = list(part = "body"),
  stall = list(),
  dribble = list(seconds = 1),
  content_length = list(by = 10),
  chunked = list(),
  gzip = list(),
  html = list(status_code = 503),
  rate = list(per_second = "", burst = NULL),
  none = list(),
  stream_refused = list(status_code = 403),
  stream_silent = list(),
  stream_late = list(seconds = ""),
  stream_cut_off = list(at = "start"),
  stream_close = list(code = 1011, at = "start"),
  stream_error = list(code = "", message = NULL, at = "start"),
  stream_no_disconnection = list(),
  stream_dribble = list(seconds = 0.01)
)

# The arguments of a fault, completed with their defaults.
check_fault_details <- function(x, kind, call) {
  defaults <- fault_kinds[[kind]]
  check_members(x, names(defaults), "...", call)
  for (name in setdiff(names(defaults), names(x))) {
    if (identical(defaults[[name]], "")) {
      stop_argument(name, gettextf("`%s` is required for a fault of kind \"%s\".", name, kind), call)
    }
    x[[name]] <- defaults[[name]]
  }
  for (name in names(x)) {
    x[[name]] <- switch(
      name,
      status_code = check_status_code(x$status_code, call),
      code = check_fault_code(x$code, kind, call),
      seconds = min(check_number(x$seconds, "seconds", call, min = 0), 1e9),
      per_second = check_rate(x$per_second, "per_second", call),
      burst = if (!is.null(x$burst)) check_rate(x$burst, "burst", call),
      by = check_whole_number(x$by, "by", call),
      part = check_choice(x$part, c("header", "body"), "part", call),
      at = check_choice(x$at, c("start", "end"), "at", call),
      check_string_or_null(x[[name]], name, call)
    )
  }
  x
}

# The code of an error, or with which a WebSocket is closed.
check_fault_code <- function(x, kind, call) {
  if (kind == "stream_close") {
    return(check_close_code(x, call))
  }
  x <- check_string(x, "code", call)
  if (kind == "stream_error" && !grepl("^[A-Za-z][A-Za-z0-9]{0,127}$", x)) {
    message <- gettextf(
      "`%s` must be a code such as \"ThrottlingException\", not \"%s\".",
      "code",
      clean_text(x, 50)
    )
    stop_argument("code", message, call)
  }
  x
}

# A status code of WebSockets that may be sent.
check_close_code <- function(x, call) {
  x <- check_whole_number_between(x, 1000, 4999, "code", call)
  if (x %in% c(1004:1006, 1015) || (x > 1014 && x < 3000)) {
    message <- gettextf("`%s` must be a status code that a WebSocket may send, not %s.", "code", x)
    stop_argument("code", message, call)
  }
  x
}

check_rate <- function(x, argument, call) {
  min(check_number(x, argument, call, min = 1), 1e9)
}

# Native code returns NULL if the emulator does not run in this process.
emulator_value <- function(value, call) {
  if (is.null(value)) {
    stop_plain(
      gettext(
        "The emulator has been stopped, or it runs in another R process. Start one with `rekognition_emulator()`."
      ),
      call
    )
  }
  value_or_stop(value, call)
}
