# Waiting for native work. The only wait loop of the package.

# Native code is never waited in for longer than this, in seconds: Ctrl-C must come through in 0.2 s.
slice <- 0.05

# Makes a call and waits for its answer. Most answers come in the first slice: they are here without a pointer
# to wait on, unless there is a log to take from it.
make_call <- function(handle, call, start) {
  answer <- start(handle$client)
  if (is.null(answer)) {
    # The pointer has not survived a journey through a file or to another process.
    connect_handle(handle, call)
    answer <- start(handle$client)
  }
  if (typeof(answer) == "externalptr") await(answer, call) else value_or_stop(answer, call)
}

# Between slices `Sys.sleep(0)` lets R look for Ctrl-C; an interrupt leaves through on.exit(), which cancels the
# request.
await <- function(pending, call) {
  on.exit({
    call_cancel(pending)
    show_lines(call_log(pending))
  })
  repeat {
    Sys.sleep(0)
    answer <- call_wait(pending, slice)
    if (!is.null(answer)) {
      break
    }
    show_lines(call_log(pending))
  }
  on.exit(show_lines(call_log(pending)))
  value_or_stop(answer, call)
}
