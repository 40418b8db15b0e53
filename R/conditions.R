# Faults as classed conditions: the only file that signals errors.
#
# Messages can be translated: gettextf() and its kin look them up in the domain R-rekognition, and po/ has their list,
# which `make docs` writes. A message is a whole sentence, what it is about comes through %s. Reasons that native code
# gives and words of the service stay as they are.

#' Conditions of the package
#'
#' Every failure is an R error with a class to catch. All inherit from `rekognition_error`, `error` and
#' `condition`; the most specific class comes first.
#'
#' \describe{
#'   \item{the error's code, `http_<status>`, `http_error`, `rekognition_service_error`}{The service refused. The message
#'     has its words, and a hint where they mislead. Fields: `code`, `status_code`, `request_id`, `attempts`,
#'     `error_response`.}
#'   \item{`rekognition_timeout_error`}{A time limit ran out, the one that the message names: give more in `config`, or
#'     look for a firewall. Fields: `attempts`, `timeout` (seconds).}
#'   \item{`rekognition_connection_error`}{Host not found (is the region spelt right?), connection refused or reset, TLS
#'     (a proxy's certificate belongs in `ca_bundle`), proxy. Fields: `endpoint`, `attempts`.}
#'   \item{`rekognition_credentials_error`}{There are no credentials, or they could not be loaded: the message says what
#'     was tried.}
#'   \item{`rekognition_config_error`}{No region, a bad setting, an unreadable CA bundle: the message says where the value
#'     came from. Fields: `setting`.}
#'   \item{`rekognition_response_error`}{The answer was not what the protocol says: something between R and AWS may have
#'     changed it. Fields: `status_code`, `request_id`.}
#'   \item{`rekognition_argument_error`}{A bad argument, found before anything is sent. Fields: `argument`.}
#'   \item{`rekognition_file_error`}{A file or folder cannot be read or written. Fields: `path`.}
#' }
#'
#' The codes of the service are its exceptions: `AccessDeniedException`, `InternalServerError`,
#' `InvalidParameterException`, `ProvisionedThroughputExceededException`, `SessionNotFoundException`,
#' `ThrottlingException`, and those that all of AWS has, such as `UnrecognizedClientException` and
#' `ExpiredTokenException`. A code that is newer than the package is a class as well, if it begins with a
#' capital and is not the name of a class that R knows. Where an answer names no code (a page of a proxy, say),
#' `code` is `NA`. Where what came is not even HTTP, `status_code` is `NA`.
#'
#' `attempts` is the number of requests that were tried. `error_response` is a list of `__type`, `Code` and
#' `Message`, as in paws; what the service did not say is `NA`.
#'
#' `vignette("troubleshooting")` says what leads to each of them and what to do. [rekognition_sitrep()] looks for the
#' usual reasons. A promise that was cancelled is rejected with a `rekognition_cancelled_error`: see
#' [liveness_promise()].
#'
#' @references
#' [Errors of GetFaceLivenessSessionResults](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_GetFaceLivenessSessionResults.html#API_GetFaceLivenessSessionResults_Errors)
#' @aliases rekognition_error rekognition_service_error rekognition_timeout_error rekognition_connection_error
#'   rekognition_credentials_error rekognition_config_error rekognition_response_error rekognition_argument_error
#'   rekognition_file_error rekognition_cancelled_error ValidationException
#'   AccessDeniedException InternalServerError InvalidParameterException ProvisionedThroughputExceededException
#'   SessionNotFoundException ThrottlingException
#' @name rekognition_conditions
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' tryCatch(
#'   svc$get_face_liveness_session_results("0f959dbb-37cc-45d8-a08d-dc42cce85fa8"),
#'   SessionNotFoundException = function(e) e$status_code,
#'   rekognition_error = function(e) conditionMessage(e)
#' )
#' emulator$stop()
NULL

# The value that native code returned; an error is signaled. Nothing else from native code has a class.
value_or_stop <- function(value, call) {
  if (is.object(value)) {
    stop_native(value, call)
  }
  value
}

# tools::xgettext2pot() lists every string within stop(), class names too: conditions are made outside of it.
stop_native <- function(error, call) {
  condition <- native_condition(error, call)
  stop(condition)
}

stop_condition <- function(condition) {
  stop(condition)
}

stop_argument <- function(argument, message, call) {
  condition <- new_condition("rekognition_argument_error", message, call, argument = argument)
  stop(condition)
}

stop_config <- function(setting, message, call) {
  condition <- new_condition("rekognition_config_error", message, call, setting = setting)
  stop(condition)
}

stop_file <- function(path, message, call) {
  condition <- new_condition("rekognition_file_error", message, call, path = path)
  stop(condition)
}

# An error without a class of its own.
stop_plain <- function(message, call) {
  condition <- new_condition(character(), message, call)
  stop(condition)
}

new_condition <- function(class, message, call, ...) {
  if (any(class %in% documented_classes)) {
    message <- with_hint(message, help_hint())
  }
  structure(
    class = c(class, "rekognition_error", "error", "condition"),
    list(message = message, call = call, ...)
  )
}

# The classes that the vignette explains.
documented_classes <- c(
  "rekognition_service_error",
  "rekognition_timeout_error",
  "rekognition_connection_error",
  "rekognition_credentials_error",
  "rekognition_config_error",
  "rekognition_response_error"
)

# The message without the general hint, for lists of messages.
short_message <- function(condition) {
  sub(with_hint("", help_hint()), "", conditionMessage(condition), fixed = TRUE)
}

# The condition for an error of native code.
native_condition <- function(error, call) {
  switch(
    error$kind,
    service = service_condition(error, call),
    timeout = new_condition(
      "rekognition_timeout_error",
      timeout_message(error),
      call,
      attempts = error$attempts,
      timeout = error$timeout
    ),
    connection = new_condition(
      "rekognition_connection_error",
      gettextf("No answer from %s: %s.", clean_text(error$endpoint), reason_of(error)),
      call,
      endpoint = error$endpoint,
      attempts = error$attempts
    ),
    credentials = new_condition("rekognition_credentials_error", credentials_message(error), call),
    config = new_condition("rekognition_config_error", config_message(error), call, setting = error$setting),
    response = new_condition(
      "rekognition_response_error",
      response_message(error),
      call,
      status_code = error$status_code,
      request_id = error$request_id
    ),
    file = new_condition(
      "rekognition_file_error",
      gettextf("The file cannot be written: %s (%s).", clean_text(error$path), reason_of(error)),
      call,
      path = error$path
    ),
    no_thread = new_condition(character(), thread_message(error), call),
    no_memory = new_condition(character(), memory_message(), call),
    new_condition(
      character(),
      gettextf("Something went wrong inside the package: %s. Please report this.", reason_of(error)),
      call
    )
  )
}

service_condition <- function(error, call) {
  is_class <- !is.na(error$code) && is_free_class(error$code)
  new_condition(
    c(
      if (is_class) error$code,
      sprintf("http_%d", error$status_code),
      "http_error",
      "rekognition_service_error"
    ),
    service_message(error),
    call,
    code = error$code,
    status_code = error$status_code,
    request_id = error$request_id,
    attempts = error$attempts,
    error_response = list(
      `__type` = error$error_type,
      Code = error$code,
      Message = error$service_message
    )
  )
}

# Whether a code can be a class. A server must not choose a class that means something else, that changes how the
# condition is shown, or that R cannot dispatch on. The service's codes begin with a capital.
is_free_class <- function(code) {
  generics <- c(
    "$",
    "[[",
    "print",
    "format",
    "str",
    "summary",
    "conditionMessage",
    "conditionCall",
    "as.character"
  )
  nchar(code) <= 128 &&
    grepl("^[A-Z][A-Za-z0-9_.]*$", code) &&
    all(vapply(generics, function(generic) is.null(utils::getS3method(generic, code, optional = TRUE)), NA))
}
