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

# Native code takes UTF-8 only. It says so, rather than R looking at all text of all calls.
is_foreign_text <- function(value) {
  is.object(value) && identical(value$reason, "encoding")
}

# Sends arguments again if their text has to be translated, as `value` from native code says; else that value.
again_in_utf8 <- function(value, arguments, send, call) {
  if (is_foreign_text(value)) send(as_utf8(arguments, NULL, call)) else value
}

# A value whose text is translated to UTF-8. `where` is its path.
as_utf8 <- function(x, where, call, depth = 0) {
  is_plain <- is.list(x) && (!is.object(x) || inherits(x, "liveness_image"))
  # Of other values, and of lists that are deeper than any input, native code says what is wrong.
  if (!is.character(x) && (!is_plain || depth > 50)) {
    return(x)
  }
  if (is.character(x)) {
    if (!is_text(x)) {
      stop_argument(where, gettextf("`%s` must be valid text in its encoding.", where), call)
    }
    x[] <- to_utf8(x)
  }
  if (!is.null(names(x))) {
    names(x) <- as_utf8(names(x), paste0("names(", where, ")"), call, depth)
  }
  if (is.list(x)) {
    places <- if (is.null(names(x))) {
      sprintf("[[%d]]", seq_along(x))
    } else {
      paste0(if (!is.null(where)) "$", names(x))
    }
    x[] <- Map(function(element, place) as_utf8(element, paste0(where, place), call, depth + 1), x, places)
  }
  x
}
