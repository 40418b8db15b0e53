# Errors as conditions with classes: the only file that signals them. Their messages are in condition-messages.R.
#
# Messages can be translated, with gettextf() and its kin: a message is a whole sentence, and values are inserted
# through %s. Reasons from native code and text of the service are not translated.

#' Conditions of the package
#'
#' Every failure is an R error with a class to catch. All inherit from `rekognition_error`, `error` and
#' `condition`; the most specific class comes first. An argument that a function does not have is R's own error,
#' `unused argument`, without a class of the package.
#'
#' \describe{
#'   \item{the error code, `http_<status>`, `http_error`, `rekognition_service_error`}{The service refused the request. The
#'     message is the service's, with a hint where it is misleading. Fields: `code`, `status_code`, `request_id`,
#'     `attempts`, `error_response`.}
#'   \item{`rekognition_timeout_error`}{A time limit expired, which the message names: increase it in `config`, or
#'     check for a firewall. Fields: `attempts`, `timeout` (seconds).}
#'   \item{`rekognition_connection_error`}{The host was not found (check the spelling of the region), the connection was
#'     refused or reset, or TLS (add the certificate of a proxy to `ca_bundle`) or a proxy failed. Fields: `endpoint`,
#'     `attempts`.}
#'   \item{`rekognition_credentials_error`}{There are no credentials, or they cannot be loaded: the message lists the
#'     sources that were tried.}
#'   \item{`rekognition_config_error`}{No region, an invalid setting, or an unreadable CA bundle: the message names the
#'     source of the value. Fields: `setting`.}
#'   \item{`rekognition_response_error`}{The response does not follow the protocol: something between R and AWS may have
#'     changed it. Fields: `status_code`, `request_id`.}
#'   \item{`rekognition_argument_error`}{An invalid argument, found before anything is sent. Fields: `argument`.}
#'   \item{`rekognition_file_error`}{A file or folder cannot be read or written. Fields: `path`.}
#'   \item{`rekognition_check_error`}{A check in a browser failed in the page, its page sent what the relay refuses, or there
#'     were too many checks: it is not raised, but a value of [liveness_check_server()] or [liveness_relay()]. Fields: `state`
#'     (a string in capitals, such as `"TIMEOUT"`, see there; of the relay `"REFUSED"`) and `reason` (a list of the strings
#'     `code` and `message`: what the service or the relay said, or `NULL`). A page can send anything as `state`, `reason` and
#'     message.}
#' }
#'
#' The error codes are the exceptions of the service, which the help page of each operation lists, and those of all AWS
#' services, such as `UnrecognizedClientException` and `ExpiredTokenException`; [liveness_images()] raises those of S3,
#' such as `NoSuchKey` and `AccessDenied`. A code that is newer than the package is a class as well, if it begins with a capital letter and is not a class that R knows. If a response contains no code (for
#' example the page of a proxy), `code` is `NA`. If the response is not HTTP, `status_code` is `NA`.
#'
#' `attempts` is the number of requests sent. `error_response` is a list of `__type`, `Code` and
#' `Message`, as in paws; `NA` is a value that the service did not send.
#'
#' `vignette("troubleshooting")` lists causes and solutions. [rekognition_sitrep()] checks for the most common causes. A
#' canceled promise is rejected with a `rekognition_cancelled_error`: see [liveness_promise()].
#'
#' @references
#' [Errors of GetFaceLivenessSessionResults](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_GetFaceLivenessSessionResults.html#API_GetFaceLivenessSessionResults_Errors)
#' @aliases rekognition_error rekognition_service_error rekognition_timeout_error rekognition_connection_error
#'   rekognition_credentials_error rekognition_config_error rekognition_response_error rekognition_argument_error
#'   rekognition_file_error rekognition_check_error rekognition_cancelled_error AccessDeniedException ConflictException
#'   HumanLoopQuotaExceededException IdempotentParameterMismatchException ImageTooLargeException
#'   InternalServerError InvalidImageFormatException InvalidManifestException InvalidPaginationTokenException
#'   InvalidParameterException InvalidPolicyRevisionIdException InvalidS3ObjectException LimitExceededException
#'   MalformedPolicyDocumentException ProvisionedThroughputExceededException ResourceAlreadyExistsException
#'   ResourceInUseException ResourceNotFoundException ResourceNotReadyException ServiceQuotaExceededException
#'   SessionNotFoundException ThrottlingException ValidationException VideoTooLargeException NoSuchBucket NoSuchKey
#'   NoSuchVersion
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
# An error with the operation that it is about, for hints.
of_operation <- function(value, name) {
  if (is.object(value)) {
    value$operation <- name
  }
  value
}

stop_native <- function(error, call) {
  condition <- native_condition(error, call)
  stop(condition)
}

stop_condition <- function(condition) {
  stop(condition)
}

argument_condition <- function(argument, message, call) {
  new_condition("rekognition_argument_error", message, call, argument = argument)
}

stop_argument <- function(argument, message, call) {
  condition <- argument_condition(argument, message, call)
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
  if ("rekognition_check_error" %in% class) {
    message <- with_hint(message, check_hint())
  } else if (any(class %in% documented_classes)) {
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
  "rekognition_response_error",
  "rekognition_check_error"
)

# The message without the general hint, for lists of messages.
short_message <- function(condition) {
  message <- conditionMessage(condition)
  for (hint in c(help_hint(), check_hint())) {
    message <- sub(with_hint("", hint), "", message, fixed = TRUE)
  }
  message
}

# The condition for an error of native code.
native_condition <- function(error, call) {
  switch(
    error$kind,
    argument = argument_condition(error$argument, argument_message(error), call),
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
      gettextf("Request to %s failed: %s.", clean_text(error$endpoint), reason_of(error)),
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
    page = new_condition(
      "rekognition_check_error",
      gettextf("The check was refused: %s.", reason_of(error)),
      call,
      state = "REFUSED",
      reason = list(code = "REFUSED", message = error$reason)
    ),
    file = new_condition(
      "rekognition_file_error",
      gettextf("Cannot write file %s: %s.", clean_text(error$path), reason_of(error)),
      call,
      path = error$path
    ),
    no_thread = new_condition(character(), thread_message(error), call),
    no_memory = new_condition(character(), memory_message(), call),
    new_condition(
      character(),
      gettextf("Internal error: %s. Please report this bug.", reason_of(error)),
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
