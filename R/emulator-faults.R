# Fault injection.

inject_fault <- function(server, kind, times, details, call) {
  if (missing(kind)) {
    stop_missing("kind", call)
  }
  kind <- check_choice(kind, names(fault_kinds), "kind", call)
  is_first <- identical(times, "first") && !kind %in% c("rate", "none")
  if (!is_first && (!is_number(times) || times != round(times) || times < 1 || times > 2^31)) {
    stop_argument(
      "times",
      gettextf(
        "`%s` must be a whole number of at least %s, or %s, not %s.",
        "times",
        1,
        "\"first\"",
        value_or_type(times)
      ),
      call
    )
  }
  details <- check_fault_details(details, kind, call)
  if (kind == "throttle") {
    kind <- "error"
    details <- c(details, code = "ThrottlingException", message = "Rate exceeded")
  }
  emulator_value(emulator_fault(server, kind, times, details), call)
  invisible()
}
