# One call: started on a client, then waited for. batch.R waits for the rows of a batch in the same way.

# The longest time spent in native code, in seconds: R must notice Ctrl-C within 0.2 s.
wait_seconds <- 0.05

# Starts something on the native client of a handle. Native code returns NULL if the external pointer is dead, as it is
# in a client that was read from a file or sent to another process: then the client is connected again.
start_on <- function(handle, call, start) {
  started <- start(handle$client)
  if (is.null(started)) {
    connect_handle(handle, call)
    started <- start(handle$client)
  }
  started
}

# Makes a call and returns its value or its error. Most calls end within the first wait and return at once, without an
# external pointer to wait on, unless there is a log to write.
make_call <- function(handle, call, start) {
  value <- start_on(handle, call, start)
  if (typeof(value) == "externalptr") {
    value <- wait_for_call(value, handle, call)
  }
  value
}

# Lets R handle Ctrl-C. On Windows, a sleep of 0 seconds does not.
check_interrupt <- function() {
  Sys.sleep(if (.Platform$OS.type == "windows") 0.001 else 0)
}

# The value of a call in progress, or its error. An interrupt leaves through on.exit(), which cancels the request.
wait_for_call <- function(pending, handle, call) {
  on.exit({
    call_cancel(pending)
    write_log(call_log(pending))
  })
  repeat {
    check_interrupt()
    value <- call_wait(pending, wait_seconds)
    if (!is.null(value)) {
      break
    }
    supply_keys(handle, call)
    write_log(call_log(pending))
  }
  on.exit(write_log(call_log(pending)))
  value
}
