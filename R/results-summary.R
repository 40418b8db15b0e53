# Summaries of results.

#' Summarize results
#'
#' Counts results of [liveness_results()] by status, error and feedback, the sessions that pass given thresholds, and the
#' decisions that thresholds make. A session passes a threshold if its confidence is at or above it. There are no default
#' thresholds, since they depend on what is at stake; AWS's
#' [AI Service Card](https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html) gives
#' starting points (50 or 60, and 80 or 90 against injection attacks).
#'
#' @section Decisions:
#' With `decision`, each session is a `pass`, a `review` (someone should look at it) or a `fail`:
#'
#' - A session with the status `SUCCEEDED` and a confidence is a `pass` if that is at least `pass`, otherwise a `review` if
#'   it is at least `review`, otherwise a `fail`.
#' - A session with the status `FAILED` or `EXPIRED` is a `fail`.
#' - All others have no decision (`NA`): sessions whose check has not ended, whose result could not be fetched, which
#'   succeeded without a confidence, or whose status is unknown to this version.
#'
#' Decisions come from the thresholds alone. What reviewers say (`label`) does not change them: it measures them.
#'
#' @param object Results of [liveness_results()].
#' @param ... Not used. Other arguments must be named, except that a single unnamed argument is `thresholds`.
#' @param thresholds Numbers from 0 to 100.
#' @param label Name of a logical column: `TRUE` for a live person, `FALSE` for an attack, `NA` for a session that was
#'   not reviewed.
#' @param decision Thresholds of the decisions: `c(pass = 90)`, or `c(review = 80, pass = 95)`; numbers from 0 to 100, with
#'   `review` below `pass`.
#' @return A list of class `summary.liveness_results`, with its own print method:
#'
#' \describe{
#'   \item{`sessions`}{Integer: number of sessions (rows).}
#'   \item{`unique_sessions`}{Integer: number of different session IDs. A session in two rows is counted in both by all
#'     other numbers, except for `attempts`.}
#'   \item{`status`, `errors`, `feedback`}{Tables: number of sessions by status and error code, and of feedback codes.}
#'   \item{`confidence`}{Named numbers: quantiles.}
#'   \item{`attempts`}{Integer: number of requests sent.}
#'   \item{`thresholds`}{Data frame: the rows that [plot.liveness_results()] returns for each threshold (`threshold`,
#'     `sessions`, `passed`, `share`, ...); `NULL` without thresholds.}
#'   \item{`decision`}{Data frame: a row for each decision, with the columns `decision` (factor), `from` (its lowest
#'     confidence), `sessions` (their number) and `share` (of the sessions that have a decision, 0 to 1). With `label`
#'     also `live` and `attacks` (numbers of sessions), `false_accept` (in the row `pass`: the share of attacks that pass)
#'     and `false_reject` (in the row `fail`: the share of live people who fail); `NaN` if there are no such sessions. As
#'     at thresholds, these four count sessions with a confidence only: a session that failed or expired is in
#'     `sessions`, but is not an error of the thresholds. `NULL` without `decision`.}
#'   \item{`decisions`}{Factor: the decision of each session, in the order of `object`; `NULL` without `decision`.}
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
#' results <- liveness_results(ids, svc)
#' summary(results, thresholds = c(80, 90))
#'
#' summed <- summary(results, decision = c(review = 80, pass = 95))
#' summed$decision
#' summed$decisions
#' emulator$stop()
summary.liveness_results <- function(object, ..., thresholds = NULL, label = NULL, decision = NULL) {
  call <- quote(summary(...))
  given <- list(...)
  if (length(given) == 1 && is.null(names(given)) && missing(thresholds)) {
    thresholds <- given[[1]]
    given <- list()
  }
  check_dots(given, c("thresholds", "label", "decision"), "summary()", call)
  decision <- check_decision(decision, call)
  check_columns(object, c("session_id", "status", "error_code", "confidence", "feedback", "attempts"), call)
  check_confidence(object, call)
  rates <- rates_or_null(object, thresholds, label, call)
  decisions <- decisions_or_null(object, decision, call)
  status <- as.character(object$status)
  status <- factor(status, c(known_statuses, setdiff(stats::na.omit(status), known_statuses)))
  codes <- lapply(object$feedback, function(feedback) if (is.data.frame(feedback)) feedback$code)
  structure(
    list(
      sessions = nrow(object),
      unique_sessions = length(unique(object$session_id)),
      status = table(status, dnn = NULL),
      errors = table(object$error_code, dnn = NULL),
      confidence = stats::quantile(object$confidence, c(0, 0.05, 0.25, 0.5, 0.75, 0.95, 1), na.rm = TRUE),
      feedback = sort(table(unlist(codes), dnn = NULL), decreasing = TRUE),
      # A session in two rows was fetched once.
      attempts = sum(object$attempts[!duplicated(object$session_id)]),
      thresholds = rates,
      decision = decision_rates(object, decision, decisions, label, call),
      decisions = decisions
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
  different <- if (x$unique_sessions < x$sessions) paste0(format_count(x$unique_sessions), " different, ")
  requests <- pluralize(x$attempts, "request")
  writeLines(paste0("sessions:   ", format_count(x$sessions), " (", different, requests, ")"))
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
    print_rates(x$thresholds, "threshold")
  }
  if (!is.null(x[["decision"]])) {
    writeLines("decisions:")
    print_rates(x[["decision"]], "from")
    undecided <- sum(is.na(x$decisions))
    if (undecided > 0) {
      writeLines(paste0(" (", pluralize(undecided, "session"), " without a decision)"))
    }
  }
  if (!is.null(x$thresholds$live) || !is.null(x[["decision"]]$live)) {
    writeLines(" (live, attacks and error rates are of sessions with a confidence)")
  }
  invisible(x)
}

print_rates <- function(rates, threshold) {
  rates[[threshold]] <- format(rates[[threshold]], digits = 15, drop0trailing = TRUE)
  shares <- intersect(c("share", "false_accept", "false_reject"), names(rates))
  # NaN is the share of none; NA is where there is no such rate.
  rates[shares] <- lapply(rates[shares], function(share) {
    ifelse(is.na(share) & !is.nan(share), "", format_share(share))
  })
  print(rates, row.names = FALSE)
}
