# Where sessions and reviews come from. A source is a list of functions:
#
# sessions()     the sessions without the bytes of stored images, as results, oldest first
# images(row)    the reference image and the audit images of one of them
# reviews()      all reviews, oldest first
# add_review(session_id, reviewer, label, note)
# with_images(rows)  the sessions as results with images, for a report
# fetch(ids)     fetches sessions from the service, where that is possible

open_source <- function(settings) {
  if (!is.null(settings$dir) && !is.null(settings$database)) {
    stop("Set LIVENESS_DIR or LIVENESS_DATABASE, not both.", call. = FALSE)
  }
  if (!is.null(settings$dir)) {
    stored(folder_source(settings$dir))
  } else if (!is.null(settings$database)) {
    stored(database_source(settings$database), has_verdicts = TRUE)
  } else {
    service_source(settings$on_aws)
  }
}

# All pages share the source.
stored <- function(source, has_verdicts = FALSE) {
  list(title = source$title, new = function() source, is_stored = TRUE, has_verdicts = has_verdicts)
}

# Each page has its own.
service_source <- function(on_aws) {
  # Short limits, because R waits for the service.
  limits <- list(connect_timeout = 5, operation_timeout = 20)
  emulator <- if (!on_aws) rekognition_emulator(check_after = Inf)
  svc <- rekognition(config = c(emulator$config, limits))
  title <- if (on_aws) "Amazon Rekognition" else "Emulator: checks are simulated"
  list(
    title = title,
    new = function() fetched_source(svc, title),
    is_stored = FALSE,
    has_verdicts = FALSE,
    make_demo = if (!on_aws) function() make_demo_sessions(svc, emulator)
  )
}

# `read`, called again only when the stamp has changed, for all pages together.
cached <- function(stamp, read) {
  last <- NULL
  value <- NULL
  function() {
    now <- stamp()
    if (!identical(now, last)) {
      value <<- read()
      last <<- now
    }
    value
  }
}

# The page holds at most this many sessions, without the bytes of stored images.
max_sessions <- 2000

newest_sessions <- function(sessions) {
  structure(utils::tail(sessions, max_sessions), n_stored = nrow(sessions))
}
