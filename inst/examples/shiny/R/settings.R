# Settings from the environment. app.R describes the variables.

# A number from 1 to 100, or NULL if the variable is not set.
read_threshold <- function(name) {
  text <- Sys.getenv(name)
  if (!nzchar(text)) {
    return(NULL)
  }
  number <- suppressWarnings(as.numeric(text))
  if (is.na(number) || number < 1 || number > 100) {
    stop(name, " must be a number from 1 to 100, as the confidence.", call. = FALSE)
  }
  number
}

# c(pass =) or c(review =, pass =), as `decision` of liveness_report(). NULL if there is no threshold.
read_decision <- function() {
  pass <- read_threshold("LIVENESS_THRESHOLD")
  review <- read_threshold("LIVENESS_REVIEW")
  if (!is.null(review) && (is.null(pass) || review >= pass)) {
    stop("LIVENESS_REVIEW must be below LIVENESS_THRESHOLD.", call. = FALSE)
  }
  c(review = review, pass = pass)
}

read_on_aws <- function() {
  switch(
    Sys.getenv("LIVENESS_ON_AWS", "false"),
    true = TRUE,
    false = FALSE,
    stop("LIVENESS_ON_AWS must be true or false.", call. = FALSE)
  )
}

# The value of a variable, or NULL if it is not set.
read_text <- function(name) {
  text <- Sys.getenv(name)
  if (nzchar(text)) text
}

read_settings <- function() {
  list(
    on_aws = read_on_aws(),
    dir = read_text("LIVENESS_DIR"),
    database = read_text("LIVENESS_DATABASE"),
    decision = read_decision(),
    reason = read_text("LIVENESS_REASON"),
    user_header = read_text("LIVENESS_USER_HEADER")
  )
}
