# Background work in the event loop. Each run is short, because R serves no request in the meantime, and only one process
# does the work at a time.

process_id <- paste(Sys.info()[["nodename"]], Sys.getpid(), sodium::bin2hex(sodium::random(4)))

# Runs `work` every `seconds`. If it returns TRUE, there is more to do, and it runs again after a second.
repeat_work <- function(seconds, work) {
  is_more <- tryCatch(work(), error = function(error) log_error(error))
  later::later(function() repeat_work(seconds, work), if (isTRUE(is_more)) 1 else seconds)
}

# Sessions without a verdict whose page was closed or whose process has ended. The service keeps the result for three
# minutes. At first, it is left to the page to request the result.
seconds_left_to_page <- 90
seconds_at_service <- 190
seconds_between <- 15
most_asked <- 100

# A round asks for all of them: first for those that the service still has, and then for those that it has deleted. Its list is
# made when it starts; otherwise, new sessions could keep it from ending. What fails is asked for once more at its end.
to_ask <- character()
to_ask_again <- character()
is_recovering <- FALSE

# Recording is repeatable. The lease only saves requests.
recover_checks <- function(after = seconds_left_to_page, needs_lease = TRUE) {
  if (is_recovering) {
    return(TRUE)
  }
  if (length(to_ask) == 0) {
    to_ask_again <<- character()
    to_ask <<- sessions_to_ask(after)
  }
  if (length(to_ask) == 0 || (needs_lease && !take_lease(db, "recover", process_id, 60))) {
    to_ask <<- character()
    return(FALSE)
  }
  ids <- utils::head(to_ask, most_asked)
  to_ask <<- setdiff(to_ask, ids)
  is_recovering <<- TRUE
  settle <- function(results) {
    for (i in seq_along(ids)) {
      local({
        row <- results[i, ]
        later::later(function() tryCatch(settle_recovered(row), error = log_error))
      })
    }
  }
  promise <- promises::then(rekognition::liveness_promise(ids, svc, max_active = 10), settle)
  promise <- promises::catch(promise, log_error)
  promises::finally(promise, function() is_recovering <<- FALSE)
  length(to_ask) > 0
}

sessions_to_ask <- function(after) {
  now <- Sys.time()
  limit <- now - seconds_at_service
  at_service <- undecided_sessions(db, now - after, region, limit = 10000, since = limit)
  c(at_service, undecided_sessions(db, limit, region, limit = 1000))
}

settle_recovered <- function(row) {
  id <- row$session_id
  if (!row$error_code %in% c(NA, "SessionNotFoundException")) {
    log_error(row$error[[1]], session = id)
    if (!id %in% to_ask_again) {
      to_ask_again <<- c(to_ask_again, id)
      to_ask <<- c(to_ask, id)
    }
  }
  settle_check(id, row)
}

delete_old_sessions <- function() {
  if (is.infinite(keep_days) || !take_lease(db, "retention", process_id, 60)) {
    return(FALSE)
  }
  gone <- delete_sessions(db, as.difftime(keep_days, units = "days"), limit = 20)
  if (nrow(gone) > 0) {
    log_event("sessions deleted", sessions = nrow(gone), bytes = sum(gone$bytes))
  }
  nrow(gone) == 20
}

start_housekeeping <- function() {
  # At once, because the results of a process that has crashed may be deleted soon; without the lease, which it may hold.
  later::later(function() tryCatch(recover_checks(after = 0, needs_lease = FALSE), error = log_error))
  later::later(function() repeat_work(seconds_between, recover_checks), seconds_between)
  later::later(function() repeat_work(600, delete_old_sessions), 1)
}
