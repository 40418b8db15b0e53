# Waiting for an answer. Rows of a batch are waited for in batch.R, in the same slices.

# Native code is never waited in for longer than this, in seconds: Ctrl-C must come through in 0.2 s.
slice <- 0.05

# Starts something on the handle's native client. It answers NULL if the pointer has not survived a journey through a
# file or to another process; then the client is made anew.
start_on <- function(handle, call, start) {
  started <- start(handle$client)
  if (is.null(started)) {
    connect_handle(handle, call)
    started <- start(handle$client)
  }
  started
}

# Makes a call and waits for its answer. Most answers come in the first slice: they are here without a pointer
# to wait on, unless there is a log to take from it.
make_call <- function(handle, call, start) {
  answer <- start_on(handle, call, start)
  if (typeof(answer) == "externalptr") {
    answer <- answer_of(answer, handle, call)
  }
  value_from(answer, handle, call)
}

# Lets R look for Ctrl-C. On Windows it does not look in a sleep of no time at all.
look_for_interrupt <- function() {
  Sys.sleep(if (.Platform$OS.type == "windows") 0.001 else 0)
}

# What came, be it a fault. R looks for Ctrl-C between slices; an interrupt leaves through on.exit(), which cancels the
# request.
answer_of <- function(pending, handle, call) {
  on.exit({
    call_cancel(pending)
    show_lines(call_log(pending))
  })
  repeat {
    look_for_interrupt()
    answer <- call_wait(pending, slice)
    if (!is.null(answer)) {
      break
    }
    supply_keys(handle, call)
    show_lines(call_log(pending))
  }
  on.exit(show_lines(call_log(pending)))
  answer
}
