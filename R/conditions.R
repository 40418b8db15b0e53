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

# The value that native code returned, or the condition that it stands for. Nothing else from native code
# has a class.
value_or_stop <- function(answer, call) {
  if (is.object(answer)) {
    stop_fault(answer, call)
  }
  answer
}

# tools::xgettext2pot() lists every string inside of stop(), class names too: so conditions are made outside of it.
stop_fault <- function(fault, call) {
  condition <- fault_condition(fault, call)
  stop(condition)
}

stop_argument <- function(argument, message, call) {
  condition <- new_condition("rekognition_argument_error", message, call, argument = argument)
  stop(condition)
}

stop_credentials <- function(reason, call) {
  stop_fault(list(kind = "credentials", reason = reason), call)
}

stop_config <- function(setting, message, call) {
  condition <- new_condition("rekognition_config_error", message, call, setting = setting)
  stop(condition)
}

stop_file <- function(path, message, call) {
  condition <- new_condition("rekognition_file_error", message, call, path = path)
  stop(condition)
}

# What has no class of its own.
stop_plain <- function(message, call) {
  condition <- new_condition(character(), message, call)
  stop(condition)
}

new_condition <- function(class, message, call, ...) {
  if (any(class %in% explained_classes)) {
    message <- with_hint(message, pointer())
  }
  structure(
    class = c(class, "rekognition_error", "error", "condition"),
    list(message = message, call = call, ...)
  )
}

# What the vignette explains, class by class.
explained_classes <- c(
  "rekognition_service_error",
  "rekognition_timeout_error",
  "rekognition_connection_error",
  "rekognition_credentials_error",
  "rekognition_config_error",
  "rekognition_response_error"
)

pointer <- function() {
  gettext("See vignette(\"troubleshooting\", \"rekognition\") or ?rekognition_conditions.")
}

# The message by itself, for where many are shown.
short_message <- function(condition) {
  sub(with_hint("", pointer()), "", conditionMessage(condition), fixed = TRUE)
}

# Conditions of many faults. What is NULL stays so. Refusals of the service differ in their request ids for the most part:
# each kind is made once.
fault_conditions <- function(faults, order) {
  conditions <- vector("list", length(faults))
  is_refusal <- vapply(faults, function(fault) identical(fault$kind, "service"), NA)
  member <- function(name) vapply(faults[is_refusal], function(fault) as.character(fault[[name]]), "")
  same <- lapply(c("code", "error_type", "service_message", "status_code"), member)
  kind <- do.call(paste, c(same, sep = "\r"))
  conditions[is_refusal] <- Map(
    function(condition, fault) {
      condition$request_id <- fault$request_id
      condition$attempts <- fault$attempts
      condition
    },
    lapply(faults[is_refusal][!duplicated(kind)], fault_condition, order$call)[match(kind, unique(kind))],
    faults[is_refusal]
  )
  is_other <- !is_refusal & lengths(faults) > 0
  conditions[is_other] <- lapply(faults[is_other], function(fault) {
    if (fault$kind == "file") {
      fault$path <- in_dir(fault$path, order$dir)
    }
    fault_condition(fault, order$call)
  })
  conditions
}

stop_batch_fault <- function(fault, order) {
  condition <- fault_conditions(list(fault), order)[[1]]
  stop(condition)
}

fault_condition <- function(fault, call) {
  switch(
    fault$kind,
    service = service_condition(fault, call),
    timeout = new_condition(
      "rekognition_timeout_error",
      timeout_message(fault),
      call,
      attempts = fault$attempts,
      timeout = fault$timeout
    ),
    connection = new_condition(
      "rekognition_connection_error",
      gettextf("No answer from %s: %s.", clean_text(fault$endpoint), reason_of(fault)),
      call,
      endpoint = fault$endpoint,
      attempts = fault$attempts
    ),
    credentials = new_condition("rekognition_credentials_error", credentials_message(fault), call),
    config = new_condition("rekognition_config_error", config_message(fault), call, setting = fault$setting),
    response = new_condition(
      "rekognition_response_error",
      response_message(fault),
      call,
      status_code = fault$status_code,
      request_id = fault$request_id
    ),
    file = new_condition(
      "rekognition_file_error",
      gettextf("The file cannot be written: %s (%s).", clean_text(fault$path), reason_of(fault)),
      call,
      path = fault$path
    ),
    no_thread = new_condition(character(), thread_message(fault), call),
    no_memory = new_condition(character(), memory_message(), call),
    new_condition(
      character(),
      gettextf("Something went wrong inside the package: %s. Please report this.", reason_of(fault)),
      call
    )
  )
}

service_condition <- function(fault, call) {
  is_class <- !is.na(fault$code) && is_free_class(fault$code)
  new_condition(
    c(
      if (is_class) fault$code,
      sprintf("http_%d", fault$status_code),
      "http_error",
      "rekognition_service_error"
    ),
    service_message(fault),
    call,
    code = fault$code,
    status_code = fault$status_code,
    request_id = fault$request_id,
    attempts = fault$attempts,
    error_response = list(
      `__type` = fault$error_type,
      Code = fault$code,
      Message = fault$service_message
    )
  )
}

# Whether a code can be a class. A server must not choose one that means something else, that changes how the
# condition is looked at, or that R cannot dispatch on. The service's codes begin with a capital.
is_free_class <- function(code) {
  looked_at <- c(
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
    all(vapply(looked_at, function(generic) is.null(utils::getS3method(generic, code, optional = TRUE)), NA))
}

# As paws writes it, `Code (HTTP status). Message`, and a hint where the service's words mislead.
service_message <- function(fault) {
  message <- if (is.na(fault$code)) {
    gettextf("Error without a code (HTTP %d).", fault$status_code)
  } else {
    sprintf("%s (HTTP %d).", clean_text(fault$code, 100), fault$status_code)
  }
  if (!is.na(fault$service_message)) {
    message <- paste(message, clean_message(fault$service_message))
  }
  with_hint(message, service_hint(fault))
}

service_hint <- function(fault) {
  code <- fault$code
  if (is.na(code)) {
    return(
      gettext(
        "The answer is not one of the service's: a proxy or a load balancer on the way may have given it."
      )
    )
  }
  if (code == "AccessDeniedException" && is.na(fault$service_message)) {
    return(paste(
      gettext("Without a message this usually means that the region has no Face Liveness."),
      gettextf("When this package was made it was in %s.", paste(liveness_regions, collapse = ", ")),
      gettextf(
        "Otherwise the caller lacks the permission %s or %s.",
        "rekognition:GetFaceLivenessSessionResults",
        "rekognition:CreateFaceLivenessSession"
      )
    ))
  }
  switch(
    code,
    SessionNotFoundException = paste(
      gettext("A session is known in the region where it was created, and for 3 minutes."),
      gettext("Check the region, the time since its creation, and that the id is not that of another check.")
    ),
    ExpiredTokenException = gettext(
      "The temporary credentials have expired, and their source has no others. See ?rekognition_credentials."
    ),
    UnrecognizedClientException = gettext("The access key id or the session token is not valid."),
    InvalidSignatureException = gettext(
      "Either the secret access key is not the one that belongs to the access key id, or the clock of this machine is wrong, or the region is not the endpoint's."
    )
  )
}

liveness_regions <- c(
  "us-east-1",
  "us-west-2",
  "eu-west-1",
  "ap-northeast-1",
  "ap-south-1",
  "ap-southeast-5",
  "ap-southeast-7",
  "sa-east-1"
)

timeout_message <- function(fault) {
  seconds <- format(fault$timeout, digits = 6)
  message <- switch(
    fault$limit,
    connect_timeout = gettextf("No connection could be made within %s s (`%s`).", seconds, fault$limit),
    operation_timeout = gettextf("The operation did not end within %s s (`%s`).", seconds, fault$limit),
    gettextf("No answer came within %s s (`%s`).", seconds, fault$limit)
  )
  setting <- if (fault$limit == "timeout") fault$limit else paste0("config$", fault$limit)
  with_hint(message, gettextf("`%s` sets another limit, in seconds.", setting))
}

response_message <- function(fault) {
  reason <- reason_of(fault)
  if (is.na(fault$status_code)) {
    gettextf("The answer cannot be used: %s.", reason)
  } else {
    gettextf("The answer (HTTP %d) cannot be used: %s.", fault$status_code, reason)
  }
}

credentials_message <- function(fault) {
  message <- gettextf("No AWS credentials could be loaded: %s.", reason_of(fault))
  # Where a source is set up, the reason says what is wrong with it.
  if (!startsWith(fault$reason, "none were found")) {
    return(message)
  }
  with_hint(
    message,
    paste(
      gettextf(
        "Give them in `credentials`, name a profile, set %s and %s, or run where a role is attached.",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY"
      ),
      gettextf("No account? See `%s`.", "rekognition_emulator()")
    )
  )
}

config_message <- function(fault) {
  hint <- if (fault$setting == "region" && startsWith(fault$reason, "no region is set")) {
    gettext("Give `region =`, such as \"us-east-1\", or set AWS_REGION.")
  }
  with_hint(sentence(reason_of(fault)), hint)
}

thread_message <- function(fault) {
  with_hint(
    sentence(reason_of(fault)),
    gettext(
      "The limit of threads and processes is reached, that of this user (`ulimit -u`) or of the container."
    )
  )
}

memory_message <- function() {
  with_hint(
    gettext("There is not enough memory for the answer."),
    gettext("Fetch fewer sessions at once, or use `dir` or `images = \"drop\"` to keep images out of memory.")
  )
}

# The service quotes what it refuses, at any length, and says at the end what is wrong with it.
clean_message <- function(message) {
  length <- nchar(message)
  if (length <= 1000) {
    clean_text(message, 1000)
  } else {
    paste0(clean_text(substr(message, 1, 500)), "...", clean_text(substr(message, length - 299, length)))
  }
}

# A reason as a part of a sentence: some end with a full stop, some do not. It may quote a server or a file.
reason_of <- function(fault) {
  clean_reason(sub("[.]*$", "", fault$reason))
}

sentence <- function(text) {
  paste0(ascii_upper(substr(text, 1, 1)), substring(text, 2), if (!endsWith(text, "?")) ".")
}

with_hint <- function(message, hint) {
  if (is.null(hint)) message else paste0(message, "\ni ", hint)
}
