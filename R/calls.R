# What functions that take an operation share: which operation it is, and its calls in a batch.

# The operation that a function makes calls of, by its body: see operation_function().
operation_spec <- function(operation, call) {
  body <- if (is.function(operation)) body(operation)
  name <- if (is.call(body) && identical(body[[1]], quote(call_operation))) body[[2]]
  if (!is_string(name) || !name %in% names(operation_arguments)) {
    message <- gettextf(
      "`%s` must be an operation, such as `%s` or `%s`, not %s.",
      "operation",
      "svc$detect_faces",
      "rekognition_detect_faces",
      if (is.function(operation)) gettext("another function") else what_is(operation)
    )
    stop_argument("operation", message, call)
  }
  handle <- environment(operation)$handle
  list(
    name = name,
    handle = if (is.null(handle)) default_handle(call) else handle,
    call = call,
    fun = operation
  )
}

# The arguments of an operation, matched as in a call of its function.
matched_arguments <- function(operation, ...) {
  operation <- operation$fun
  body(operation) <- body(operation)[[4]]
  operation(...)
}

# Starts a batch of calls, whose arguments are supplied one by one.
start_calls <- function(operation, ...) {
  options <- list(log_level = log_level(operation$call), ...)
  start <- function(client) batch_start_calls(client, operation$name, options)
  value_or_stop(start_on(operation$handle, operation$call, start), operation$call)
}

# Supplies the arguments of the next call. `where` stands for them in messages.
supply_call <- function(batch, arguments, where, call) {
  supply <- function(arguments) batch_supply(batch, arguments)
  problem <- again_in_utf8(supply(arguments), arguments, supply, call)
  if (identical(problem$argument, "")) {
    problem$argument <- where
  }
  value_or_stop(problem, call)
}

# Takes the values and errors of calls that are there, after waiting up to `seconds` for the first one.
take_values <- function(batch, operation, seconds) {
  taken <- client_value(batch_take(batch, TRUE, seconds), operation$handle, operation$call)
  write_log(batch_log(batch))
  taken$value <- lapply(taken$value, of_operation, operation$name)
  taken
}
