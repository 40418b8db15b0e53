# The user's call as conditions show it.

# Without the reference to its source file, whose text would be kept with it, and without the arguments of nested calls:
# the client may be made in the same expression, from keys. `hide_args` also hides the arguments of the call itself.
user_call <- function(call, hide_args = FALSE) {
  name <- function_name(call[[1]])
  if (hide_args) {
    return(as.call(list(name, quote(...))))
  }
  attributes(call) <- NULL
  call[[1]] <- name
  call[-1] <- lapply(call[-1], shown_argument)
  call
}

# Names, numbers and strings; of a call its function. What is nested may be keys, and do.call() and the like put values
# themselves into a call, which may be images.
shown_argument <- function(x) {
  if (is.call(x) && !identical(x[[1]], quote(`function`))) {
    function_name(x)
  } else if (is.name(x) || (is.atomic(x) && length(x) <= 1)) {
    x
  } else {
    quote(...)
  }
}

function_name <- function(f) {
  if (is.function(f)) {
    # do.call() with the function itself.
    return(quote(FUN))
  }
  if (!is.call(f)) {
    # A client that is itself part of the call is not shown.
    return(if (is.name(f) || (is.atomic(f) && !is.object(f))) f else quote(...))
  }
  if (!is.name(f[[1]]) || !as.character(f[[1]]) %in% c("$", "[[", "@", "(", "::", ":::")) {
    return(as.call(list(function_name(f[[1]]), quote(...))))
  }
  f[-1] <- lapply(f[-1], function_name)
  f
}
