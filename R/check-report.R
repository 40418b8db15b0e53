# Argument checks of reports.

check_report_results <- function(x, call) {
  if (!is.data.frame(x)) {
    stop_argument("results", gettextf("`results` must be a data frame, not %s.", what_is(x)), call)
  }
  check_columns(x, c("session_id", "status"), call)
  x <- plain_frame(x)
  if (!is.null(x[["confidence"]]) && !is.numeric(x[["confidence"]])) {
    message <- gettextf("The column `confidence` must be numeric, not %s.", what_is(x[["confidence"]]))
    stop_argument("results", message, call)
  }
  x
}

check_report_file <- function(file, call) {
  file <- check_path(file, "file", call)
  if (dir.exists(file)) {
    stop_file(
      file,
      gettextf("`file` must be the path of a file, not of a folder: %s.", clean_text(file)),
      call
    )
  }
  if (!dir.exists(dirname(file))) {
    stop_file(
      file,
      gettextf("The folder of `file` does not exist: %s. Create it first.", clean_text(dirname(file))),
      call
    )
  }
  file
}

check_reason <- function(x, thresholds, decision, call) {
  if (!is.null(x) && is.null(thresholds) && is.null(decision)) {
    message <- gettextf("`%s` requires `%s` or `%s`.", "reason", "decision", "thresholds")
    stop_argument("reason", message, call)
  }
  check_string_or_null(x, "reason", call)
}
