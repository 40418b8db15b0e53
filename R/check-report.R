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

check_no_decision_column <- function(x, decision, call) {
  if (!is.null(decision) && "decision" %in% names(x)) {
    message <- gettextf(
      "`results` must not have a column `%s` if `%s` is given: rename the column.",
      "decision",
      "decision"
    )
    stop_argument("results", message, call)
  }
}

check_author <- function(x, call) {
  x <- check_string_or_null(x, "author", call)
  if (!is.null(x) && !nzchar(trimws(x))) {
    stop_argument("author", gettextf("`%s` must not be empty. Use NULL to leave it out.", "author"), call)
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

# How images are scaled, or NULL for images as they are.
check_image_size <- function(x, results, call) {
  if (!is.null(x)) {
    x <- check_number(x, "image_size", call, min = 1)
  }
  n <- count_embedded(results)
  if (n == 0 || identical(x, Inf) || (is.null(x) && nrow(results) <= max_full_sessions)) {
    return(NULL)
  }
  if (requireNamespace("jpeg", quietly = TRUE)) {
    return(image_scale(x, n))
  }
  message <- gettextf(
    "Scaling images requires the package '%s'. Install it with `%s`, or set `image_size = Inf`.",
    "jpeg",
    "install.packages(\"jpeg\")"
  )
  if (!is.null(x)) {
    stop_plain(message, call)
  }
  warning(simpleWarning(gettextf("%s The report has images of full size.", message), call))
  NULL
}

# The number of images that a report contains: those with bytes or in files.
count_embedded <- function(results) {
  audit <- unlist(unclass(results[["audit_images"]]), recursive = FALSE)
  images <- c(unclass(results[["reference_image"]]), as.list(audit))
  sum(vapply(images, function(image) length(if (is.list(image)) image[["Bytes"]] else image) > 0, NA))
}
