# The settings of the back end: environment variables. An invalid one is an error at the start, not in the first check.
# start.R uses this file as well.

setting <- function(name, default = "") {
  value <- trimws(Sys.getenv(name))
  if (nzchar(value)) value else default
}

number_setting <- function(name, default, is_valid, what) {
  value <- suppressWarnings(as.numeric(setting(name, default)))
  if (is.na(value) || !is_valid(value)) {
    stop("Set the environment variable ", name, " to ", what, call. = FALSE)
  }
  value
}

# The thresholds, as `decision` of summary().
decision <- c(
  pass = number_setting(
    "LIVENESS_THRESHOLD",
    "",
    function(x) x >= 1 && x <= 100,
    "the lowest confidence that passes, from 1 to 100: confidences are on a scale from 0 to 100."
  )
)
if (nzchar(setting("LIVENESS_REVIEW"))) {
  review <- number_setting(
    "LIVENESS_REVIEW",
    "",
    function(x) x >= 1 && x < decision[["pass"]],
    "the lowest confidence that is reviewed, at least 1 (of 100) and below LIVENESS_THRESHOLD."
  )
  decision <- c(review = review, decision)
}
reason <- setting("LIVENESS_REASON", NA_character_)
if (validUTF8(reason)) {
  # In every locale.
  Encoding(reason) <- "UTF-8"
}

on_aws <- as.logical(setting("LIVENESS_ON_AWS", "false"))
if (is.na(on_aws)) {
  stop("LIVENESS_ON_AWS must be true or false.")
}
role_arn <- setting("LIVENESS_ROLE_ARN")
bucket <- setting("LIVENESS_BUCKET")
if (nzchar(bucket) && !grepl("^[0-9A-Za-z._-]{3,255}$", bucket)) {
  stop("LIVENESS_BUCKET must be the name of an S3 bucket.")
}
audit_images <- number_setting(
  "LIVENESS_AUDIT_IMAGES",
  "0",
  function(x) x %in% 0:4,
  "the number of audit images, from 0 to 4."
)

# How many checks a user may start within three minutes without passing, and the pause after them, in seconds. AWS
# recommends five, and a pause of 30 to 60 minutes:
# https://docs.aws.amazon.com/rekognition/latest/dg/recommendations-liveness.html
attempt_limit <- list(
  attempts = number_setting(
    "LIVENESS_ATTEMPTS",
    "5",
    function(x) x %in% 1:1000,
    "a number of checks, from 1 to 1000."
  ),
  within = 180,
  pause = 60 *
    number_setting("LIVENESS_PAUSE", "30", function(x) x >= 0 && x < 1e6, "a number of minutes, at least 0.")
)
keep_days <- number_setting(
  "LIVENESS_KEEP_DAYS",
  "30",
  function(x) x >= 1,
  "a number of days, at least 1, or Inf to delete nothing."
)
# Failed checks are counted by their sessions.
if (keep_days * 86400 < attempt_limit$pause + attempt_limit$within) {
  stop("LIVENESS_KEEP_DAYS must be longer than LIVENESS_PAUSE.")
}

# The name of this process in the paths of its relays, which the reverse proxy reads. Each process has its own.
process_name <- setting("LIVENESS_PROCESS", "1")
if (!grepl("^[0-9]{1,4}$", process_name)) {
  stop("LIVENESS_PROCESS must be a number of up to four digits.")
}
if (nzchar(setting("LIVENESS_PROCESS")) && !on_aws) {
  stop(
    "Several processes need a common service: set LIVENESS_ON_AWS, or use start.R. LIVENESS_PROCESS is set."
  )
}
if (nzchar(setting("LIVENESS_PROCESS")) && !nzchar(setting("LIVENESS_COOKIE_KEY"))) {
  stop("Several processes need a common LIVENESS_COOKIE_KEY: see plumber::random_cookie_key().")
}
cookie_key <- setting("LIVENESS_COOKIE_KEY", plumber::random_cookie_key())
if (!grepl("^[0-9a-f]{64}$", cookie_key)) {
  stop("LIVENESS_COOKIE_KEY must be 64 hexadecimal digits, such as plumber::random_cookie_key() returns.")
}
