# The messages of conditions that native code describes, and their hints.

help_hint <- function() {
  gettext("See vignette(\"troubleshooting\", \"rekognition\") or ?rekognition_conditions.")
}

check_hint <- function() {
  gettext("See vignette(\"checking\", \"rekognition\") or ?rekognition_conditions.")
}

# In the format of paws, `Code (HTTP status). Message`, with a hint where the service's message is misleading.
service_message <- function(error) {
  message <- if (is.na(error$code)) {
    gettextf("Error response without an error code (HTTP %d).", error$status_code)
  } else {
    sprintf("%s (HTTP %d).", clean_text(error$code, 100), error$status_code)
  }
  if (!is.na(error$service_message)) {
    message <- paste(message, clean_message(error$service_message))
  }
  with_hint(message, service_hint(error))
}

service_hint <- function(error) {
  code <- error$code
  if (is.na(code)) {
    return(
      gettext(
        "The response may come from a proxy or a load balancer, not from the service."
      )
    )
  }
  is_s3 <- identical(error$operation, "get_object")
  # Errors of batches of sessions name no operation.
  is_liveness <- is.null(error$operation) || grepl("_face_liveness_", error$operation, fixed = TRUE)
  if (code == "AccessDeniedException" && is.na(error$service_message) && is_liveness) {
    return(paste(
      gettext("Without a message, this usually means that Face Liveness is not available in the region."),
      gettextf(
        "When this package was released, it was available in %s.",
        paste(liveness_regions, collapse = ", ")
      ),
      gettextf(
        "If your region is one of these, the caller lacks the permission %s or %s.",
        "rekognition:GetFaceLivenessSessionResults",
        "rekognition:CreateFaceLivenessSession"
      )
    ))
  }
  switch(
    code,
    SessionNotFoundException = paste(
      gettext("A session exists only in the region where it was created, and for 3 minutes."),
      gettext("Check the region, the age of the session and the session ID.")
    ),
    AccessDenied = if (is_s3) {
      paste(
        gettext(
          "The client's credentials need the permission s3:GetObject, and kms:Decrypt if the object is encrypted."
        ),
        gettext("Without s3:ListBucket, the object may also not exist.")
      )
    } else {
      gettext("The client's credentials need the permission sts:AssumeRole, and the role must trust them.")
    },
    NoSuchKey = gettext("A lifecycle rule or a user may have deleted the object."),
    RequestTimeTooSkewed = gettext("The clock of this machine is wrong."),
    ExpiredToken = ,
    ExpiredTokenException = gettext(
      "The temporary credentials have expired, and their source has no newer ones. See ?rekognition_credentials."
    ),
    InvalidAccessKeyId = ,
    InvalidClientTokenId = ,
    UnrecognizedClientException = gettext(
      "The access key ID or the session token is not valid. `rekognition_sitrep()` shows where they come from."
    ),
    SignatureDoesNotMatch = ,
    InvalidSignatureException = gettext(
      "The secret access key does not belong to the access key ID, the clock of this machine is wrong, or the endpoint is in another region."
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

# What native code found in the arguments of an operation.
argument_message <- function(error) {
  where <- clean_text(error$argument)
  switch(
    error$reason,
    type = gettextf("`%s` must be %s, not %s.", where, error$expected, refused_value(error)),
    missing = gettextf("`%s` is missing.", where),
    unknown = unknown_name(clean_text(error$name, 100), error$known, where),
    twice = gettextf("`%s` is given more than once in `%s`.", clean_text(error$name, 100), where),
    unnamed = gettextf("All elements of `%s` must be named.", where),
    encoding = gettextf("`%s` must be valid text in its encoding.", where)
  )
}

refused_value <- function(error) {
  value <- error$value
  if (!is.na(error$place) && is.atomic(value) && length(value) > 1) {
    value <- value[[error$place]]
  }
  if (grepl("number", error$expected, fixed = TRUE)) {
    value_or_type(value)
  } else if (
    grepl("vector|unnamed", error$expected) && is.list(value) && !is.object(value) && !is.null(names(value))
  ) {
    gettext("a named list")
  } else {
    what_is(value)
  }
}

timeout_message <- function(error) {
  seconds <- format(error$timeout, digits = 6)
  if (error$limit == "check") {
    return(gettextf(
      "The check did not end within %s s, the lifetime of its session and of its ticket.",
      seconds
    ))
  }
  message <- switch(
    error$limit,
    connect_timeout = gettextf("No connection within %s s (`%s`).", seconds, error$limit),
    operation_timeout = gettextf("The operation did not finish within %s s (`%s`).", seconds, error$limit),
    gettextf("No response within %s s (`%s`).", seconds, error$limit)
  )
  setting <- if (error$limit == "timeout") error$limit else paste0("config$", error$limit)
  with_hint(message, gettextf("To change the limit, set `%s` (in seconds).", setting))
}

response_message <- function(error) {
  reason <- reason_of(error)
  if (is.na(error$status_code)) {
    gettextf("Invalid response: %s.", reason)
  } else {
    gettextf("Invalid response (HTTP %d): %s.", error$status_code, reason)
  }
}

credentials_message <- function(error) {
  message <- gettextf("Cannot load AWS credentials: %s.", reason_of(error))
  # If a source is configured, the reason names its problem.
  if (!startsWith(error$reason, "none were found")) {
    return(message)
  }
  with_hint(
    message,
    paste(
      gettextf(
        "Pass keys or a profile in `credentials`, set %s and %s, or run where an IAM role is attached.",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY"
      ),
      gettextf("No AWS account? See `%s`.", "rekognition_emulator()")
    )
  )
}

config_message <- function(error) {
  hint <- if (error$setting == "region" && startsWith(error$reason, "no region is set")) {
    gettext("Make the client with `region`, such as \"us-east-1\", or set AWS_REGION.")
  }
  with_hint(sentence(reason_of(error)), hint)
}

thread_message <- function(error) {
  with_hint(
    sentence(reason_of(error)),
    gettext(
      "This user or container has reached a limit, on threads (see `ulimit -u`) or on open files (`ulimit -n`)."
    )
  )
}

memory_message <- function() {
  with_hint(
    gettext("Not enough memory for the response."),
    gettext("Fetch fewer sessions at once, or keep images out of memory with `dir` or `images = \"drop\"`.")
  )
}

# The service quotes the refused value, of any length, and names the problem at the end of the message.
clean_message <- function(message) {
  length <- nchar(message)
  if (length <= 1000) {
    clean_text(message, 1000)
  } else {
    paste0(clean_text(substr(message, 1, 500)), "...", clean_text(substr(message, length - 299, length)))
  }
}

# A reason as a part of a sentence: some end with a full stop. It may quote a server or a file.
reason_of <- function(error) {
  clean_reason(sub("[.]*$", "", error$reason))
}
