# What happens without a request, in the event loop: a little at a time, because R serves no request meanwhile, and in one
# process at a time.

process_id <- paste(Sys.info()[["nodename"]], Sys.getpid(), sodium::bin2hex(sodium::random(4)))

# Runs `work` now and then. If it returns TRUE there is more to do, and it runs again soon.
repeat_work <- function(seconds, work) {
  is_more <- tryCatch(work(), error = function(error) log_error(error))
  later::later(function() repeat_work(seconds, work), if (isTRUE(is_more)) 1 else seconds)
}

# Sessions whose page has gone, or whose process has ended, before there was a verdict. The service has the result for
# three minutes. While its page is there, a check is left to it.
seconds_left_to_page <- 90
seconds_at_service <- 190
seconds_between <- 15
most_asked <- 100

# In each round, all of them are asked for once: first those that the service still has, and then those that it has deleted.
asked <- character()
is_recovering <- FALSE

recover_checks <- function(after = seconds_left_to_page) {
  if (is_recovering) {
    return(TRUE)
  }
  now <- Sys.time()
  limit <- now - seconds_at_service
  at_service <- undecided_sessions(db, now - after, region, limit = 10000, since = limit)
  deleted <- undecided_sessions(db, limit, region, limit = 1000)
  left <- setdiff(c(at_service, deleted), asked)
  if (length(left) == 0 || !take_lease(db, "recover", process_id, 60)) {
    asked <<- character()
    return(FALSE)
  }
  ids <- utils::head(left, most_asked)
  asked <<- c(asked, ids)
  is_recovering <<- TRUE
  settle <- function(results) {
    for (i in seq_along(ids)) {
      local({
        row <- results[i, ]
        later::later(function() tryCatch(settle_check(row$session_id, row), error = log_error))
      })
    }
  }
  promise <- promises::then(rekognition::liveness_promise(ids, svc, max_active = 10), settle)
  promise <- promises::catch(promise, log_error)
  promises::finally(promise, function() is_recovering <<- FALSE)
  TRUE
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
  # After a crash, the sessions of the process that has ended cannot wait.
  later::later(function() tryCatch(recover_checks(after = 0), error = log_error))
  later::later(function() repeat_work(seconds_between, recover_checks), seconds_between)
  later::later(function() repeat_work(600, delete_old_sessions), 1)
}
