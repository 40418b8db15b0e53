# The messages of conditions that native code describes, and their hints.

help_hint <- function() {
  gettext("See vignette(\"troubleshooting\", \"rekognition\") or ?rekognition_conditions.")
}

# As paws writes it, `Code (HTTP status). Message`, and a hint where the service's words mislead.
service_message <- function(error) {
  message <- if (is.na(error$code)) {
    gettextf("Error without a code (HTTP %d).", error$status_code)
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
        "The answer is not one of the service's: a proxy or a load balancer on the way may have given it."
      )
    )
  }
  if (code == "AccessDeniedException" && is.na(error$service_message)) {
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

timeout_message <- function(error) {
  seconds <- format(error$timeout, digits = 6)
  message <- switch(
    error$limit,
    connect_timeout = gettextf("No connection could be made within %s s (`%s`).", seconds, error$limit),
    operation_timeout = gettextf("The operation did not end within %s s (`%s`).", seconds, error$limit),
    gettextf("No answer came within %s s (`%s`).", seconds, error$limit)
  )
  setting <- if (error$limit == "timeout") error$limit else paste0("config$", error$limit)
  with_hint(message, gettextf("`%s` sets another limit, in seconds.", setting))
}

response_message <- function(error) {
  reason <- reason_of(error)
  if (is.na(error$status_code)) {
    gettextf("The answer cannot be used: %s.", reason)
  } else {
    gettextf("The answer (HTTP %d) cannot be used: %s.", error$status_code, reason)
  }
}

credentials_message <- function(error) {
  message <- gettextf("No AWS credentials could be loaded: %s.", reason_of(error))
  # Where a source is set up, the reason says what is wrong with it.
  if (!startsWith(error$reason, "none were found")) {
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

config_message <- function(error) {
  hint <- if (error$setting == "region" && startsWith(error$reason, "no region is set")) {
    gettext("Give `region =`, such as \"us-east-1\", or set AWS_REGION.")
  }
  with_hint(sentence(reason_of(error)), hint)
}

thread_message <- function(error) {
  with_hint(
    sentence(reason_of(error)),
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
reason_of <- function(error) {
  clean_reason(sub("[.]*$", "", error$reason))
}
