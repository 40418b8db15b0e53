# Values as text.

# The first line of a condition's message. The hints after it are for the developer.
first_line <- function(error) {
  strsplit(conditionMessage(error), "\n", fixed = TRUE)[[1]][1]
}

# Never rounded up: only 100 reads as 100.00.
format_score <- function(confidence) {
  rounded <- round(confidence, 5)
  format(if (rounded > confidence) rounded - 1e-5 else rounded, digits = 7, nsmall = 2)
}

# In any locale: in Turkish, tolower("I") is not "i".
ascii_lower <- function(text) {
  chartr(paste(LETTERS, collapse = ""), paste(letters, collapse = ""), text)
}

# "2026-01-31T23:59:59.123Z", as stored.
time_text <- function(time) {
  format(time, "%Y-%m-%dT%H:%M:%OS3Z", tz = "UTC")
}

# "2026-01-31 23:59:59 UTC", from a time or from the text of a stored one.
format_time <- function(time) {
  if (inherits(time, "POSIXct")) {
    time <- time_text(time)
  }
  is_time <- grepl("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}", time)
  ifelse(is_time, paste(substr(time, 1, 10), substr(time, 12, 19), "UTC"), time)
}

describe_decision <- function(decision, reason) {
  if (is.null(decision)) {
    return("No thresholds are set, so sessions have no decision.")
  }
  review <- if ("review" %in% names(decision)) sprintf(", review from %s", decision[["review"]])
  because <- if (!is.null(reason)) paste0(". Reason: ", reason)
  paste0("Pass from ", decision[["pass"]], review, because)
}

# The thresholds of a recorded verdict, and their reason.
describe_verdict <- function(row) {
  thresholds <- c(review = row$review_threshold, pass = row$pass_threshold)
  describe_decision(thresholds[!is.na(thresholds)], if (!is.na(row$reason)) row$reason)
}

describe_package <- function() {
  paste("rekognition", utils::packageVersion("rekognition"))
}

describe_regions <- function(sessions) {
  regions <- sort(unique(stats::na.omit(as.character(sessions[["region"]]))))
  if (length(regions) == 0) {
    NULL
  } else {
    paste(if (length(regions) == 1) "Region" else "Regions", paste(regions, collapse = ", "))
  }
}
