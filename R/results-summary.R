# Summaries of results.

#' Summarize results
#'
#' Counts results of [liveness_results()] by status, error and feedback, and the sessions that pass given thresholds. A
#' session passes if its confidence is at or above the threshold. There is no default threshold, since it depends on what
#' is at stake; AWS's [AI Service Card](https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html) gives
#' starting points (50 or 60, and 80 or 90 against injection attacks).
#'
#' @param object Results of [liveness_results()].
#' @param ... Not used. Other arguments must be named, except that a single unnamed argument is `thresholds`.
#' @param thresholds Numbers from 0 to 100.
#' @param label Name of a logical column: `TRUE` for a live person, `FALSE` for an attack, `NA` for a session that was
#'   not reviewed.
#' @return A list of class `summary.liveness_results`, with its own print method:
#'
#' \describe{
#'   \item{`sessions`}{Integer: number of sessions.}
#'   \item{`status`, `errors`, `feedback`}{Tables: number of sessions by status and error code, and of feedback codes.}
#'   \item{`confidence`}{Named numbers: quantiles.}
#'   \item{`attempts`}{Integer: number of requests sent.}
#'   \item{`thresholds`}{Data frame: the rows that [plot.liveness_results()] returns for each threshold (`threshold`,
#'     `sessions`, `passed`, `share`, ...); `NULL` without thresholds.}
#' }
#'
#' Raises `rekognition_argument_error` for an invalid argument, and `rekognition_error` if columns are missing.
#' @references
#' [Recommendations for usage of Face Liveness](https://docs.aws.amazon.com/rekognition/latest/dg/recommendations-liveness.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' ids <- vapply(1:5, function(i) svc$create_face_liveness_session()$SessionId, "")
#' for (id in ids) emulator$check(id)
#' summary(liveness_results(ids, svc), thresholds = c(80, 90))
#' emulator$stop()
summary.liveness_results <- function(object, ..., thresholds = NULL, label = NULL) {
  call <- quote(summary(...))
  given <- list(...)
  if (length(given) == 1 && is.null(names(given)) && missing(thresholds)) {
    thresholds <- given[[1]]
    given <- list()
  }
  check_dots(given, c("thresholds", "label"), "summary()", call)
  check_columns(object, c("session_id", "status", "error_code", "confidence", "feedback", "attempts"), call)
  check_confidence(object, call)
  rates <- rates_or_null(object, thresholds, label, call)
  status <- as.character(object$status)
  status <- factor(status, c(known_statuses, setdiff(stats::na.omit(status), known_statuses)))
  codes <- lapply(object$feedback, function(feedback) if (is.data.frame(feedback)) feedback$code)
  structure(
    list(
      sessions = nrow(object),
      status = table(status, dnn = NULL),
      errors = table(object$error_code, dnn = NULL),
      confidence = stats::quantile(object$confidence, c(0, 0.05, 0.25, 0.5, 0.75, 0.95, 1), na.rm = TRUE),
      feedback = sort(table(unlist(codes), dnn = NULL), decreasing = TRUE),
      # A session in two rows was fetched once.
      attempts = sum(object$attempts[!duplicated(object$session_id)]),
      thresholds = rates
    ),
    class = "summary.liveness_results"
  )
}

#' @export
print.summary.liveness_results <- function(x, ..., digits = NULL) {
  call <- quote(print(...))
  check_print_dots(list(...), "digits", call)
  digits <- if (is.null(digits)) 5 else check_digits(digits, call)
  counts <- function(title, table) {
    table <- table[table > 0]
    if (length(table) > 0) {
      # The service can send any number of codes.
      shown <- utils::head(table, 20)
      text <- paste(clean_text(names(shown), 60), format_count(shown), collapse = ", ")
      more <- if (length(table) > 20) paste0(", and ", format_count(length(table) - 20), " more")
      writeLines(paste0(title, text, more))
    }
  }
  writeLines(paste0("sessions:   ", format_count(x$sessions), " (", pluralize(x$attempts, "request"), ")"))
  counts("status:     ", x$status)
  counts("errors:     ", x$errors)
  counts("feedback:   ", x$feedback)
  if (!anyNA(x$confidence)) {
    writeLines("confidence:")
    scores <- stats::setNames(format_score(x$confidence, digits, align = TRUE), names(x$confidence))
    print(scores, quote = FALSE, right = TRUE)
  }
  if (NROW(x$thresholds) > 0) {
    writeLines("thresholds:")
    rates <- x$thresholds
    rates$threshold <- format(rates$threshold, digits = 15, drop0trailing = TRUE)
    shares <- intersect(c("share", "false_accept", "false_reject"), names(rates))
    rates[shares] <- lapply(rates[shares], format_share)
    print(rates, row.names = FALSE)
  }
  invisible(x)
}
