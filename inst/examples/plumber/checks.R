# Checks. Everything that must last is in the database. This process keeps only what it needs while a check is running: the
# relay, and whether it has just requested the result.

seconds_kept <- 600
most_checks <- 10000

# Environments with the members that track_check() sets, by session ID.
checks <- new.env()

# The check of a session in this process. The session may have been created by another process. Timers are independent of the
# clock, which can be set.
track_check <- function(id, user) {
  if (is.null(checks[[id]])) {
    check <- list(id = id, user = user, relay = NULL, is_logged = FALSE, is_asked = FALSE)
    checks[[id]] <- list2env(check, parent = emptyenv())
    later::later(function() forget_check(id), seconds_kept)
  }
  checks[[id]]
}

forget_check <- function(id) {
  relay <- checks[[id]]$relay
  rm(list = id, envir = checks)
  if (!is.null(relay)) {
    relay$close()
  }
}

is_session_id <- function(id) {
  grepl("^[0-9a-f-]{36}$", id, useBytes = TRUE)
}

# A row of the database, or NULL both for an unknown ID and for that of another user, so that clients cannot distinguish
# them.
session_of <- function(id, user) {
  session <- if (is_session_id(id)) find_session(db, id)
  if (identical(session$user_id, user)) session
}

# The relay of a session in this process, or NULL, likewise.
relay_of <- function(id, user) {
  check <- if (is_session_id(id)) checks[[id]]
  if (identical(check$user, user)) check$relay
}

# The ticket that the page needs to stream the video of a session, or a promise of it.
ticket_of <- function(id, user) {
  if (nzchar(role_arn)) {
    return(rekognition::liveness_direct(svc, id, role_arn))
  }
  check <- track_check(id, user)
  check$relay <- rekognition::liveness_relay(svc, id)
  check$relay$ticket()
}

# A promise of a new session. The service creates at most one for a token.
create_session <- function(token) {
  settings <- list(
    AuditImagesLimit = audit_images,
    OutputConfig = if (nzchar(bucket)) list(S3Bucket = bucket)
  )
  rekognition::rekognition_promise(
    svc$create_face_liveness_session,
    ClientRequestToken = token,
    Settings = settings
  )
}

# The verdict for a row of liveness_results(), or "pending", or NULL if it is unknown: try again. A session that the service
# has deleted is a fail. Only SUCCEEDED with a confidence and without an error can be a pass or a review.
verdict_of <- function(result) {
  if (identical(result$error_code, "SessionNotFoundException")) {
    return("fail")
  }
  if (!is.na(result$error_code) || is.na(result$status)) {
    return(NULL)
  }
  if (!result$status %in% c("SUCCEEDED", "FAILED", "EXPIRED")) {
    return("pending")
  }
  decided <- summary(result, decision = decision)$decisions
  if (is.na(decided)) "fail" else as.character(decided)
}

# The verdict for this result, or NULL. It is recorded before the page gets it. If it cannot be recorded, the next request
# fetches the result again.
settle_check <- function(id, result) {
  verdict <- verdict_of(result)
  if (is.null(verdict) || verdict == "pending") {
    return(verdict)
  }
  if (record_verdict(db, id, verdict, result, decision, reason, actor = paste("process", process_name))) {
    log_event("verdict recorded", session = id)
    return(verdict)
  }
  # Another process, or another request, was first.
  find_session(db, id)$verdict
}

# Whether to request the result of a session from the service now: at most once in `ask_again` seconds in this process.
ask_again <- 1

may_ask <- function(id, user) {
  check <- track_check(id, user)
  if (check$is_asked) {
    return(FALSE)
  }
  check$is_asked <- TRUE
  later::later(function() check$is_asked <- FALSE, ask_again)
  TRUE
}
