# Waiting for native work. The only wait loop of the package.

# Native code is never waited in for longer than this, in seconds: Ctrl-C must come through in 0.2 s.
slice <- 0.05

# Starts a call and waits for its answer. Between slices `Sys.sleep(0)` lets R look for Ctrl-C; an
# interrupt leaves through on.exit(), which cancels the request.
await <- function(pending, level, call) {
  on.exit({
    call_cancel(pending)
    show_log(pending, level)
  })
  repeat {
    answer <- call_wait(pending, slice)
    if (!is.null(answer)) {
      break
    }
    show_log(pending, level)
    Sys.sleep(0)
  }
  on.exit(show_log(pending, level))
  value_or_stop(answer, call)
}
