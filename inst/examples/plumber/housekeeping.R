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
seconds_between <- 15

recover_checks <- function(after = seconds_left_to_page) {
  remove_old_checks()
  ids <- undecided_sessions(db, Sys.time() - after, region, limit = 50)
  if (length(ids) == 0 || !take_lease(db, "recover", process_id, 60)) {
    return(FALSE)
  }
  promise <- promises::then(rekognition::liveness_promise(ids, svc, max_active = 5), function(results) {
    for (i in seq_along(ids)) {
      local({
        row <- results[i, ]
        later::later(function() tryCatch(settle_check(row$session_id, row), error = log_error))
      })
    }
  })
  promises::catch(promise, log_error)
  FALSE
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
