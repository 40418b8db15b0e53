# The handle behind a client, and the default client. Nothing here depends on the operations.

# The state of the process: the default client, running emulators, pending promises, and how much R has received since
# the last garbage collection.
the <- new.env(parent = emptyenv())
the$image_bytes <- 0
the$rows_taken <- 0
the$jobs <- 0
the$promises <- list()

# A handle holds the settings, which can be saved, and an external pointer, which cannot.
new_handle <- function(settings, call) {
  get_keys <- settings$get_keys
  settings$get_keys <- NULL
  secrets <- intersect(names(settings), c(key_names, "proxy"))
  settings[secrets] <- lapply(settings[secrets], new_secret)
  # Loads this namespace in a process that reads the client from a file or another process.
  handle <- new.env(parent = topenv())
  if (!is.null(settings$ca_bundle)) {
    settings$ca_bundle <- path.expand(settings$ca_bundle)
  }
  handle$settings <- settings
  handle$get_keys <- get_keys
  connect_handle(handle, call)
  handle
}

connect_handle <- function(handle, call) {
  settings <- lapply(handle$settings, reveal)
  settings$keys_are_supplied <- if (!is.null(handle$get_keys)) TRUE
  if (!is.null(settings$ca_bundle)) {
    settings$ca_bundle <- path_bytes(enc2native(settings$ca_bundle))
  }
  handle$client <- value_or_stop(client_new(settings), call)
}

# Clients of earlier versions are lists of functions, whose environment has the handle.
handle_of <- function(svc) {
  first <- .subset2(svc, 1)
  if (is.function(first)) environment(first)$handle else first
}

# The resolved settings of the native client.
describe_handle <- function(handle, call) {
  client <- client_describe(handle$client)
  if (is.null(client)) {
    connect_handle(handle, call)
    client <- client_describe(handle$client)
  }
  value_or_stop(client, call)
}

with_source <- function(value, source) {
  if (is.na(source)) value else gettextf("%s (from %s)", value, source)
}

default_handle <- function(call) {
  environment <- environment_fingerprint()
  if (is.null(the$client) || !identical(the$environment, environment)) {
    the$client <- new_handle(list(), call)
    the$environment <- environment
  }
  the$client
}

# The value that native code returned for a client; an error is signaled. A default client without a region or
# credentials is discarded: a file may have them by the next call.
client_value <- function(value, handle, call) {
  if (is.object(value) && value$kind %in% c("config", "credentials")) {
    forget_default(handle)
  }
  value_or_stop(value, call)
}

# Discards the default client if this is its handle.
forget_default <- function(handle) {
  if (identical(the$client, handle)) {
    the$client <- NULL
  }
}
