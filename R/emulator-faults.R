# Fault injection.

inject_fault <- function(server, kind, times, details, call) {
  if (missing(kind)) {
    stop_missing("kind", call)
  }
  kind <- check_choice(kind, names(fault_kinds), "kind", call)
  is_of_streams <- startsWith(kind, "stream_")
  if (is_of_streams) {
    times <- check_whole_number_between(times, 1, 2^31, "times", call)
  } else if (!identical(times, "first") || kind %in% c("rate", "none")) {
    times <- check_times(times, "\"first\"", call)
  }
  details <- check_fault_details(details, kind, call)
  if (kind == "throttle") {
    kind <- "error"
    details <- c(details, code = "ThrottlingException", message = "Rate exceeded")
  }
  emulator_value(emulator_fault(server, kind, times, details), call)
  invisible()
}
