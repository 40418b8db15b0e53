# One check of the Shiny module after another. A module and a check are environments, because requests of the page, timers
# and promises change them outside of reactive contexts. Only the reactive values in `module` are for the app.

# The number of checks that run in this process.
the$active_checks <- 0

# What the modules of a Shiny session share: the times at which checks started, and the modules by their IDs.
shared_by_modules <- function(session) {
  data <- session$userData
  if (is.null(data$.rekognition_checks)) {
    data$.rekognition_checks <- new.env(parent = emptyenv())
    data$.rekognition_checks$modules <- new.env(parent = emptyenv())
    data$.rekognition_checks$started <- numeric()
  }
  data$.rekognition_checks
}

new_module <- function(session, options, call) {
  module <- new.env(parent = emptyenv())
  module$session <- session
  module$element <- session$ns("page")
  module$id <- sub("-page$", "", module$element)
  module$options <- options
  module$call <- call
  module$shared <- shared_by_modules(session)
  module$state <- shiny::reactiveVal("idle")
  module$result <- shiny::reactiveVal(NULL)
  module$error <- shiny::reactiveVal(NULL)
  module$check <- NULL
  module$number <- 0
  module$is_closed <- FALSE
  # An app may call the server function again for the same ID.
  modules <- module$shared$modules
  if (!is.null(modules[[module$element]])) {
    close_module(modules[[module$element]])
  }
  modules[[module$element]] <- module
  module
}

# Ends the module for good: its Shiny session has ended, it was destroyed, or another module has its ID.
close_module <- function(module) {
  cancel_check(module)
  module$is_closed <- TRUE
  module$observer$destroy()
}

state_of <- function(module) {
  if (is.null(module$check)) "idle" else module$check$state
}

is_running_check <- function(module) {
  state_of(module) %in% c("starting", "checking", "fetching")
}

start_check <- function(module) {
  if (module$is_closed || is_running_check(module)) {
    return(FALSE)
  }
  check <- new.env(parent = emptyenv())
  check$number <- module$number <- module$number + 1
  check$state <- "starting"
  module$check <- check
  refusal <- refuse_check(module)
  if (!is.null(refusal)) {
    end_check(module, check, "failed", error = refusal)
    return(FALSE)
  }
  the$active_checks <- the$active_checks + 1
  check$is_counted <- TRUE
  publish(module)
  guard_check(
    module,
    check,
    settle(module, check, create_session(module), function(value) open_check(module, check, value$SessionId))
  )
  TRUE
}

# The condition if there are too many checks, or NULL.
refuse_check <- function(module) {
  options <- module$options
  shared <- module$shared
  now <- seconds_now()
  recent <- shared$started[now - shared$started < 180]
  if (length(recent) >= options$max_checks) {
    message <- ngettext(
      options$max_checks,
      "A Shiny session can start %s check within 3 minutes (`max_checks`).",
      "A Shiny session can start %s checks within 3 minutes (`max_checks`)."
    )
    message <- sprintf(message, options$max_checks)
    return(check_condition("TOO_MANY_CHECKS", message, module$call))
  }
  if (the$active_checks >= options$max_active) {
    message <- ngettext(
      options$max_active,
      "%s check is running in this R process (`max_active`).",
      "%s checks are running in this R process (`max_active`)."
    )
    return(check_condition("BUSY", sprintf(message, options$max_active), module$call))
  }
  shared$started <- c(recent, now)
  NULL
}

create_session <- function(module) {
  options <- module$options
  rekognition_promise(
    options$svc$create_face_liveness_session,
    KmsKeyId = options$KmsKeyId,
    Settings = options$Settings
  )
}

# Calls `then` with the promise's value. An error ends the check, and so does an error in `then`. What arrives after the end
# of the check is dropped.
settle <- function(module, check, promise, then) {
  check$promise <- promise
  promises::then(
    promise,
    function(value) {
      check$promise <- NULL
      guard_check(module, check, then(value))
    },
    function(error) {
      check$promise <- NULL
      guard_check(module, check, stop_condition(error))
    }
  )
  invisible()
}

# Evaluates `work` for a check that is running. Its error ends the check: it must not reach the event loop, which ends the
# app.
guard_check <- function(module, check, work) {
  if (check$state %in% c("starting", "checking", "fetching")) {
    shiny::isolate(tryCatch(work, error = function(e) end_check(module, check, "failed", error = e)))
  }
  invisible()
}

open_check <- function(module, check, session_id) {
  options <- module$options
  check$session_id <- session_id
  if (options$mode == "relay") {
    check$relay <- liveness_relay(options$svc, session_id)
    show_check(module, check, check$relay$ticket())
  } else {
    promise <- liveness_direct(options$svc, session_id, options$role_arn)
    settle(module, check, promise, function(ticket) show_check(module, check, ticket))
  }
}

show_check <- function(module, check, ticket) {
  check$ticket <- ticket
  check$state <- "checking"
  check$shown_at <- seconds_now()
  publish(module)
  watch_check(module, check)
}

# A page that has stopped sends no requests: a timer looks after its check. It also finds a video that is complete when the
# page has not fetched the last response.
watch_check <- function(module, check) {
  check$stop_watching <- later::later(
    function() {
      guard_check(module, check, {
        follow_relay(module, check)
        end_if_overdue(module, check)
      })
      if (check$state == "checking") {
        watch_check(module, check)
      }
    },
    1,
    loop = watch_loop()
  )
}

# A loop below R's own: code that runs R's loop until it is empty, such as a test of a module, does not wait for a check.
watch_loop <- function() {
  if (is.null(the$watch_loop)) {
    the$watch_loop <- later::create_loop(parent = later::global_loop())
  }
  the$watch_loop
}

# Nothing that the page says ends a check as "done": only the service, through the relay.
follow_relay <- function(module, check) {
  if (is.null(check$relay) || check$state != "checking") {
    return(invisible())
  }
  # In this order: a relay that fails in between has an error.
  state <- check$relay$state()
  error <- check$relay$error()
  switch(
    state,
    completed = fetch_check(module, check),
    failed = end_check(
      module,
      check,
      "failed",
      error = if (is.null(error)) page_condition(module, "CLOSED") else error
    ),
    # The page reports why it has closed, just after it has.
    closed = if (!is.null(error)) {
      end_check(module, check, "failed", error = error)
    } else if (is.null(check$closed_at)) {
      check$closed_at <- seconds_now()
    }
  )
}

# Limits for a page that reports nothing. A session exists for 180 seconds.
end_if_overdue <- function(module, check) {
  now <- seconds_now()
  is_closed <- !is.null(check$closed_at) && now - check$closed_at > 3
  if (check$state == "checking" && (is_closed || now - check$shown_at > 240)) {
    end_check(module, check, "failed", error = page_condition(module, "CLOSED"))
  }
}

fetch_check <- function(module, check) {
  check$state <- "fetching"
  publish(module)
  timeout <- 60
  promise <- liveness_promise(check$session_id, module$options$svc, timeout = timeout, interval = 1)
  settle(module, check, promise, function(results) {
    error <- results$error[[1]]
    if (is.null(error) && !results$status %in% c("SUCCEEDED", "FAILED", "EXPIRED")) {
      message <- gettextf("The session has no result %s s after its video.", timeout)
      error <- new_condition("rekognition_timeout_error", message, module$call, timeout = timeout)
    }
    if (is.null(error)) {
      end_check(module, check, "done", result = results)
    } else {
      end_check(module, check, "failed", error = error)
    }
  })
}

cancel_check <- function(module) {
  was_running <- is_running_check(module)
  if (was_running) {
    end_check(module, module$check, "cancelled")
  }
  was_running
}

end_check <- function(module, check, state, result = NULL, error = NULL) {
  check$state <- state
  check$error <- error
  check$ticket <- NULL
  # A relay that has ended by itself stays as it is, and can repeat its last response to the page.
  if (!is.null(check$relay)) {
    check$relay$close()
  }
  if (!is.null(check$promise)) {
    liveness_cancel(check$promise)
  }
  if (is.function(check$stop_watching)) {
    check$stop_watching()
  }
  check$promise <- check$stop_watching <- NULL
  if (isTRUE(check$is_counted)) {
    check$is_counted <- FALSE
    the$active_checks <- the$active_checks - 1
  }
  report_failure(module, error)
  publish(module, result, error)
}

# The app may show no errors. Those of the page concern the person alone.
report_failure <- function(module, error) {
  if (!is.null(error) && !inherits(error, "rekognition_check_error")) {
    write_log(gettextf("Face Liveness check \"%s\": %s", module$id, conditionMessage(error)))
  }
}

# Shows the module's state to the app and to the page. shiny 1.14 destroys the values of a module that is removed.
publish <- function(module, result = NULL, error = NULL) {
  tryCatch(
    {
      module$result(result)
      module$error(error)
      module$state(state_of(module))
    },
    shiny.destroyed.error = function(e) NULL
  )
  tell_page(module)
}

seconds_now <- function() {
  proc.time()[["elapsed"]]
}
