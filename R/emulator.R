# The emulator: closures over a pointer to a native server.

#' An emulator of the service
#'
#' Starts a server on 127.0.0.1, inside this R process, that speaks the wire protocol of Amazon Rekognition
#' Face Liveness: it checks signatures and inputs, keeps sessions through their life, answers with
#' pictures that are drawn, and gives the service's own errors. No AWS account is needed and nothing leaves
#' the machine. It can be told to misbehave, so that you can test your application against a bad day.
#'
#' Nobody looks into a camera here: by default a check starts one second after the session was created
#' and takes two seconds. `advance()` moves the clock, `check()` lets the check happen right now (again, if it
#' is called again). A session expires 180 seconds after its creation, and is not found any more 600 seconds
#' after it. The service's documentation does not say when the one follows the other: handle both.
#'
#' It runs until it is stopped or R ends. In a forked child (`parallel::mclapply()`) its `url` and `config`
#' are good, its functions are not: it belongs to the parent.
#'
#' @section Functions of an emulator:
#' \describe{
#'   \item{`check(SessionId, status = "SUCCEEDED", confidence = NULL, feedback = character(),
#'     reference_image = TRUE)`}{Lets the check of a session happen. `status` is one of the service's;
#'     `confidence` a number, made up if it is `NULL`; `feedback` codes of the service such as
#'     `"LOW_LIGHTING_DETECTED"`, for a session that succeeds; `reference_image` whether there is one.}
#'   \item{`advance(seconds)`}{Moves the clock that sessions and temporary credentials live by.}
#'   \item{`put_result(SessionId, result, status_code = 200, headers = character())`}{Answers each question
#'     for this session with `result`: a list as the documentation has it (with any of the service's members;
#'     empty ones are left out), or a string or raw bytes that are sent as they are. `headers` is a named
#'     character vector.}
#'   \item{`fault(kind, times = 1, ...)`}{Misbehaves with the next requests: see below.}
#'   \item{`credentials(expires_in = 900)`}{Temporary credentials, with a session token, that expire after so
#'     many seconds on the emulator's clock; a list for `credentials =` of [rekognition()].}
#'   \item{`requests()`}{A data frame of the last 10,000 requests, with the columns `time` (POSIXct),
#'     `operation`, `session_id`, `client_request_token`, `access_key_id`, `attempt` (the SDK's count),
#'     `user_agent`, `status_code` and `code` (of the answer, if there was one) and `request_id`. No
#'     signatures, no secrets, no pictures.}
#'   \item{`stop()`}{Stops it.}
#' }
#'
#' @section A bad day:
#' `fault(kind, times = 1, ...)` spoils the answers to the next `times` requests. Faults are queued. `times = "first"`
#' spoils the first request for each session. `kind` is one of
#'
#' \describe{
#'   \item{`"throttle"`}{ThrottlingException. Details: `status_code = 400`.}
#'   \item{`"error"`}{This error. Details: `code`, `message = NULL`, `status_code = 400`.}
#'   \item{`"delay"`}{The answer comes late. Details: `seconds`.}
#'   \item{`"hang"`}{No answer comes.}
#'   \item{`"close"`}{The connection is closed without an answer.}
#'   \item{`"reset"`}{The connection is reset without an answer.}
#'   \item{`"cut_off"`}{The connection is closed in the middle of the answer. Details: `part = "body"` or
#'     `"header"`.}
#'   \item{`"stall"`}{Nothing more comes after half of the body.}
#'   \item{`"dribble"`}{The answer comes byte by byte. Details: `seconds = 1` between two.}
#'   \item{`"content_length"`}{Content-Length is wrong. Details: `by = 10` bytes; negative: too short.}
#'   \item{`"chunked"`}{The answer comes in chunks: nothing is wrong.}
#'   \item{`"gzip"`}{The body is compressed, though nobody asked for it.}
#'   \item{`"html"`}{A page of HTML, as a proxy sends it. Details: `status_code = 503`.}
#'   \item{`"rate"`}{ThrottlingException for more than so many requests a second, until `"none"`. Details:
#'     `per_second`, `burst = NULL`: at once, as many as in a second by default.}
#'   \item{`"none"`}{No more misbehaviour: the queue is emptied.}
#' }
#'
#' @param region String: the region that requests must be signed for.
#' @param port Port on 127.0.0.1; 0 takes a free one.
#' @param check_after Seconds from a session's creation to the start of its check; `Inf` if checks are not
#'   to start by themselves.
#' @param check_takes Seconds that a check takes.
#' @return An object of class `rekognition_emulator`: a list of `url` (string), `config` (a list for
#'   `config =` of [rekognition()]) and the functions below.
#'
#' Raises `rekognition_argument_error` for a bad argument, `rekognition_config_error` if the port cannot be
#' used, and `rekognition_error` where a function is called after the emulator was stopped.
#' @seealso [local_emulator()], for one function or test
#' @references
#' [Amazon Rekognition API reference](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CreateFaceLivenessSession.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' emulator
#' svc <- rekognition(config = emulator$config)
#'
#' # A check that goes well, right now.
#' id <- svc$create_face_liveness_session()$SessionId
#' emulator$check(id, confidence = 99.2)
#' svc$get_face_liveness_session_results(id)$Confidence
#'
#' # What happens on a bad day?
#' emulator$fault("throttle", times = 1)
#' svc$get_face_liveness_session_results(id)$Status
#' emulator$requests()[c("operation", "attempt", "status_code", "code")]
#'
#' # Three minutes later.
#' emulator$advance(180)
#' svc$get_face_liveness_session_results(id)$Status
#' emulator$stop()
rekognition_emulator <- function(region = "us-east-1", port = 0, check_after = 1, check_takes = 2) {
  call <- user_call(sys.call())
  region <- check_string(region, "region", call)
  if (!grepl("^[A-Za-z0-9-]+$", region)) {
    stop_argument("region", gettextf("`%s` must be a region such as \"us-east-1\".", "region"), call)
  }
  check_after <- check_number(check_after, "check_after", call, min = 0)
  check_takes <- check_number(check_takes, "check_takes", call, min = 0)
  if (!is_number(port) || port != round(port) || port < 0 || port > 65535) {
    message <- gettextf("`%s` must be a whole number from %s to %s.", "port", 0, 65535)
    stop_argument("port", message, call)
  }
  # Ctrl-C must leave no server behind that R has no object for.
  server <- NULL
  is_returned <- FALSE
  on.exit(if (!is_returned && !is.null(server)) suspendInterrupts(stop_emulator(server, call)))
  emulator <- suspendInterrupts({
    server <- value_or_stop(emulator_start(region, port, check_after, check_takes), call)
    # Kept until it is stopped: a client that was made from its `config` must not lose it to gc().
    the$emulators <- c(the$emulators, list(server))
    new_emulator(server, region)
  })
  check_interrupt()
  is_returned <- TRUE
  emulator
}

new_emulator <- function(server, region) {
  description <- emulator_describe(server)
  keys <- description[key_names[1:2]]
  structure(
    c(
      list(
        url = description$url,
        config = list(credentials = list(creds = keys), endpoint = description$url, region = region)
      ),
      emulator_functions(server)
    ),
    class = "rekognition_emulator"
  )
}

stop_emulator <- function(server, call) {
  value_or_stop(emulator_stop(server), call)
  the$emulators <- Filter(function(other) !identical(other, server), the$emulators)
  invisible()
}

emulator_functions <- function(server) {
  list(
    check = function(
      SessionId,
      status = "SUCCEEDED",
      confidence = NULL,
      feedback = character(),
      reference_image = TRUE
    ) {
      check_session(server, SessionId, status, confidence, feedback, reference_image, user_call(sys.call()))
    },
    advance = function(seconds) {
      call <- user_call(sys.call())
      if (missing(seconds)) {
        stop_missing("seconds", call)
      }
      seconds <- check_number(seconds, "seconds", call, min = 0)
      running(emulator_advance(server, seconds), call)
      invisible()
    },
    put_result = function(SessionId, result, status_code = 200, headers = character()) {
      put_result(server, SessionId, result, status_code, headers, user_call(sys.call()))
    },
    fault = function(kind, times = 1, ...) {
      order_fault(server, kind, times, list(...), user_call(sys.call()))
    },
    credentials = function(expires_in = 900) {
      call <- user_call(sys.call())
      expires_in <- check_number(expires_in, "expires_in", call, min = 0)
      list(creds = running(emulator_temporary_keys(server, expires_in), call))
    },
    requests = function() {
      requests <- running(emulator_requests(server), user_call(sys.call()))
      requests$time <- .POSIXct(requests$time)
      structure(requests, class = "data.frame", row.names = .set_row_names(length(requests$time)))
    },
    stop = function() {
      stop_emulator(server, user_call(sys.call()))
    }
  )
}

# Native code answers NULL if the emulator does not run in this process.
running <- function(answer, call) {
  if (is.null(answer)) {
    stop_plain(gettext("This emulator is not running, or it is running in another R process."), call)
  }
  value_or_stop(answer, call)
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

check_session <- function(server, SessionId, status, confidence, feedback, reference_image, call) {
  if (missing(SessionId)) {
    stop_missing("SessionId", call)
  }
  SessionId <- check_string(SessionId, "SessionId", call)
  statuses <- c("CREATED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "EXPIRED")
  if (!is_string(status) || !status %in% statuses) {
    statuses <- paste(statuses, collapse = ", ")
    stop_argument("status", gettextf("`%s` must be one of %s.", "status", statuses), call)
  }
  if (!is.character(feedback) || anyNA(feedback) || !is_text(feedback)) {
    stop_argument("feedback", gettextf("`%s` must be a character vector of codes.", "feedback"), call)
  }
  if (!isTRUE(reference_image) && !isFALSE(reference_image)) {
    stop_argument("reference_image", gettextf("`%s` must be TRUE or FALSE.", "reference_image"), call)
  }
  if (!is.null(confidence) && (!is_number(confidence) || confidence < 0 || confidence > 100)) {
    message <- gettextf("`%s` must be a number from %s to %s, or NULL.", "confidence", 0, 100)
    stop_argument("confidence", message, call)
  }
  if (length(feedback) > 0 && status != "SUCCEEDED") {
    stop_argument("feedback", gettext("Only a session that has succeeded has feedback."), call)
  }
  unknown <- setdiff(feedback, feedback_codes)
  if (length(unknown) > 0) {
    stop_argument("feedback", unknown_name(unknown[1], feedback_codes, "feedback"), call)
  }
  outcome <- list(
    status = status,
    confidence = confidence,
    feedback = enc2utf8(feedback),
    reference_image = reference_image
  )
  if (!running(emulator_check(server, SessionId, outcome), call)) {
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
  if (is_string(result)) {
    result <- check_string(result, "result", call)
  } else if (is.list(result)) {
    result <- check_result(result, "result", call)
  } else if (!is.raw(result)) {
    stop_argument(
      "result",
      gettextf("`%s` must be a list, a string or raw bytes, not %s.", "result", what_is(result)),
      call
    )
  }
  status_code <- check_status(status_code, call)
  good <- is.character(headers) &&
    !anyNA(headers) &&
    (length(headers) == 0 || has_names(headers)) &&
    all(grepl("^[A-Za-z0-9-]+$", names(headers))) &&
    !any(grepl("[^ -~]", headers))
  if (!good || any(ascii_lower(names(headers)) %in% c("content-length", "transfer-encoding"))) {
    stop_argument(
      "headers",
      gettextf(
        "`%s` must be a character vector of ASCII text with names of headers, without Content-Length.",
        "headers"
      ),
      call
    )
  }
  running(emulator_put_result(server, SessionId, result, status_code, headers), call)
  invisible()
}

# A list that can be told in JSON without loss: lists, strings, finite numbers, TRUE and FALSE, raw bytes. NULL
# is for what is absent.
check_result <- function(x, where, call) {
  if (is.null(x) || is.raw(x)) {
    return(x)
  }
  if (is.object(x) || !(is.list(x) || is.character(x) || is.numeric(x) || is.logical(x))) {
    stop_argument("result", gettextf("`%s` must not be %s.", where, what_is(x)), call)
  }
  if (is.list(x)) {
    if (!is.null(names(x))) {
      if (!has_names(x)) {
        stop_argument("result", gettextf("Either all members of `%s` or none must have names.", where), call)
      }
      names(x) <- enc2utf8(names(x))
      where <- paste0(where, "$", names(x))
    } else {
      where <- paste0(where, "[[", seq_along(x), "]]")
    }
    x[] <- Map(function(member, where) check_result(member, where, call), x, where)
    return(x)
  }
  if (length(x) > 1 || anyNA(x) || any(is.infinite(x)) || (is.character(x) && !is_text(x))) {
    stop_argument("result", gettextf("`%s` must be one value, and one that JSON has.", where), call)
  }
  if (is.character(x)) enc2utf8(x) else x
}

check_status <- function(x, call) {
  if (!is_number(x) || x != round(x) || x < 200 || x > 599) {
    message <- gettextf("`%s` must be a whole number from %s to %s.", "status_code", 200, 599)
    stop_argument("status_code", message, call)
  }
  x
}

check_rate <- function(x, argument, call) {
  if (!is_number(x) || x < 1) {
    stop_argument(
      argument,
      gettextf("`%s` must be a number of at least %s, not %s.", argument, 1, value_or_type(x)),
      call
    )
  }
  min(as.double(x), 1e9)
}

check_part <- function(x, call) {
  if (!is_string(x) || !x %in% c("header", "body")) {
    stop_argument("part", gettextf("`%s` must be %s.", "part", either(c("\"header\"", "\"body\""))), call)
  }
  x
}

# The details that each kind of fault takes, with their defaults; "" has none.
fault_kinds <- list(
  throttle = list(status_code = 400),
  error = list(code = "", message = NULL, status_code = 400),
  delay = list(seconds = ""),
  hang = list(),
  close = list(),
  reset = list(),
  cut_off = list(part = "body"),
  stall = list(),
  dribble = list(seconds = 1),
  content_length = list(by = 10),
  chunked = list(),
  gzip = list(),
  html = list(status_code = 503),
  rate = list(per_second = "", burst = NULL),
  none = list()
)

order_fault <- function(server, kind, times, details, call) {
  if (missing(kind)) {
    stop_missing("kind", call)
  }
  if (!is_string(kind) || !kind %in% names(fault_kinds)) {
    kinds <- paste0("\"", names(fault_kinds), "\"", collapse = ", ")
    stop_argument("kind", gettextf("`%s` must be one of %s.", "kind", kinds), call)
  }
  is_first <- identical(times, "first") && !kind %in% c("rate", "none")
  if (!is_first && (!is_number(times) || times != round(times) || times < 1 || times > 2^31)) {
    stop_argument(
      "times",
      gettextf(
        "`%s` must be a whole number of at least %s, or %s, not %s.",
        "times",
        1,
        "\"first\"",
        value_or_type(times)
      ),
      call
    )
  }
  known <- fault_kinds[[kind]]
  check_members(details, names(known), "...", call)
  for (name in setdiff(names(known), names(details))) {
    if (identical(known[[name]], "")) {
      stop_argument(name, gettextf("A fault of kind \"%s\" needs `%s =`.", kind, name), call)
    }
    details[[name]] <- known[[name]]
  }
  for (name in names(details)) {
    details[[name]] <- switch(
      name,
      status_code = check_status(details$status_code, call),
      seconds = min(check_number(details$seconds, "seconds", call, min = 0), 1e9),
      per_second = check_rate(details$per_second, "per_second", call),
      burst = if (!is.null(details$burst)) check_rate(details$burst, "burst", call),
      by = check_whole_number(details$by, "by", call),
      part = check_part(details$part, call),
      check_string_or_null(details[[name]], name, call)
    )
  }
  if (kind == "throttle") {
    kind <- "error"
    details <- c(details, code = "ThrottlingException", message = "Rate exceeded")
  }
  running(emulator_fault(server, kind, times, details), call)
  invisible()
}

#' @export
format.rekognition_emulator <- function(x, ...) {
  server <- environment(x$stop)$server
  state <- if (is.null(emulator_describe(server))) gettext("stopped") else gettext("running")
  c(
    "<Emulator of Amazon Rekognition Face Liveness>",
    paste0("url:       ", x$url, " (", state, ")"),
    paste0("region:    ", x$config$region),
    paste0("functions: ", paste0("$", names(Filter(is.function, x)), "()", collapse = ", "))
  )
}

#' @export
print.rekognition_emulator <- function(x, ...) {
  check_print_dots(list(...), character(), quote(print(...)))
  writeLines(format(x))
  invisible(x)
}

#' @export
str.rekognition_emulator <- function(object, ...) {
  cat("", paste0(format(object), "\n"))
  invisible()
}
