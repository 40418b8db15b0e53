# Data frames of results: what they look like.

known_statuses <- c("SUCCEEDED", "FAILED", "EXPIRED", "IN_PROGRESS", "CREATED")

#' @rdname liveness_results
#' @param x A data frame with the columns of results, `session_id` and `status` at least.
#' @export
as_liveness_results <- function(x) {
  call <- quote(as_liveness_results(...))
  if (missing(x)) {
    stop_missing("x", call)
  }
  if (!is.data.frame(x)) {
    stop_argument("x", gettextf("`%s` must be a data frame, not %s.", "x", what_is(x)), call)
  }
  check_columns(x, c("session_id", "status"), call)
  if (!all(class(x) %in% c("liveness_results", "data.frame"))) {
    # A tibble, perhaps with groups, or another kind of table.
    x <- plain_frame(x)
  }
  class(x) <- c("liveness_results", "data.frame")
  x
}

# S4 methods for data frames, such as those of DBI, take results.
#' @importFrom methods setOldClass
methods::setOldClass(c("liveness_results", "data.frame"))

#' @export
format.liveness_results <- function(x, ..., digits = NULL) {
  cells <- results_cells(x, digits)
  attributes(cells) <- list(
    names = names(x),
    class = "data.frame",
    row.names = .set_row_names(nrow(x))
  )
  cells
}

# Each column as text.
results_cells <- function(x, digits) {
  digits <- if (is.null(digits)) getOption("digits") else digits
  Map(
    function(column, name) {
      if (identical(name, "confidence") && is.numeric(column) && is.null(dim(column))) {
        score_text(column, digits, together = TRUE)
      } else if (identical(name, "session_id")) {
        # A row without anything is a row.
        ifelse(is.na(column), "NA", format_cells(column, digits))
      } else {
        format_cells(column, digits)
      }
    },
    unclass(x),
    names(x)
  )
}

# As text, so that t() and apply() do not take images apart.
#' @export
as.matrix.liveness_results <- function(x, ...) {
  is_ours <- vapply(x, inherits, NA, "liveness_column")
  class(x) <- "data.frame"
  x[is_ours] <- lapply(x[is_ours], as.character)
  if (any(is_ours) && is.numeric(x[["confidence"]])) {
    # To its last digit: it is not rounded up.
    x$confidence <- as.character(x$confidence)
  }
  as.matrix(x, ...)
}

#' @export
print.liveness_results <- function(x, ..., n = 10, digits = NULL, width = NULL) {
  call <- quote(print(...))
  check_print_dots(list(...), c("n", "digits", "width"), call)
  check_lines(n, call)
  digits <- check_digits(digits, call)
  width <- if (is.null(width)) getOption("width") else check_number(width, "width", call, min = 1)
  is_whole <- all(c("session_id", "status") %in% names(x))
  counts <- if (is_whole) counts_in_words(x)
  what <- if (is_whole) "session" else "row"
  writeLines(strwrap(paste0("<", count_of(nrow(x), what), "> ", counts), width, exdent = 2))
  columns <- seq_along(x)
  if (all(names(result_columns) %in% names(x))) {
    # Columns that were added are the user's: they are shown, too. Of a choice of columns all are.
    own <- which(!names(x) %in% names(result_columns))
    columns <- c(match(columns_shown("first"), names(x)), own, match(columns_shown("last"), names(x)))
  }
  top <- plain_frame(x)[seq_len(min(n, nrow(x))), columns, drop = FALSE]
  cells <- results_cells(top, digits)
  is_filled <- vapply(cells, function(column) nrow(top) > 0 && any(nzchar(column)), NA)
  cells <- cells[is_filled]
  numbers <- vapply(top[is_filled], function(column) is.numeric(column) && is.null(dim(column)), NA)
  heads <- clean_text(names(x)[columns[is_filled]], 80)
  table <- table_lines(cells, heads, numbers, match("session_id", heads, 0), width)
  writeLines(table$lines)
  if (nrow(x) > n) {
    writeLines(paste0("... and ", count_of(nrow(x) - n, paste("more", what))))
  }
  if (length(table$left_out) > 0) {
    left_out <- clean_text(toString(table$left_out))
    more <- count_of(length(table$left_out), "more column")
    writeLines(strwrap(paste0("... and ", more, ": ", left_out), width, exdent = 4))
  }
  invisible(x)
}

# Without the class, so that methods of data frames and nothing else are used.
plain_frame <- function(x) {
  attributes(x) <- list(names = names(x), class = "data.frame", row.names = .set_row_names(nrow(x)))
  x
}

# The status, or what went wrong where there is none.
verdict_of <- function(x) {
  code <- if (is.null(x[["error_code"]])) NA_character_ else as.character(x[["error_code"]])
  status <- as.character(x[["status"]])
  ifelse(is.na(status), code, status)
}

# "2 SUCCEEDED (1 with rekognition_file_error), 1 FAILED".
counts_in_words <- function(x) {
  verdicts <- clean_text(verdict_of(x), 60)
  verdicts[is.na(verdicts)] <- "without a status"
  counts <- table(verdicts)
  counts <- counts[order(!names(counts) %in% known_statuses, match(names(counts), known_statuses))]
  # A service has five, and a handful of errors.
  shown <- utils::head(names(counts), 12)
  code <- x[["error_code"]]
  words <- vapply(
    shown,
    function(verdict) {
      beside <- if (!is.null(code)) table(clean_text(code[verdicts %in% verdict & !is.na(x[["status"]])], 60))
      beside <- if (length(beside) > 0) {
        paste0(" (", paste(whole(beside), "with", names(beside), collapse = ", "), ")")
      }
      paste0(whole(counts[[verdict]]), " ", verdict, beside)
    },
    ""
  )
  more <- if (length(counts) > length(shown)) {
    paste("and", whole(length(counts) - length(shown)), "more kinds")
  }
  paste(c(words, more), collapse = ", ")
}

#' Summary of results
#'
#' Counts results of [liveness_results()], and says what thresholds do to them. A session passes if its confidence is
#' the threshold or above. There is no default threshold, since it depends on what is at stake;
#' AWS's [AI Service Card](https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html) gives
#' starting points (50 or 60, and 80 or 90 against injection attacks).
#'
#' @param object Results of [liveness_results()].
#' @param ... Not used: other arguments are given by name, except that one unnamed argument is taken as `thresholds`.
#' @param thresholds Numbers from 0 to 100.
#' @param label Name of a logical column: `TRUE` for a live person, `FALSE` for an attack, `NA` for a session that was
#'   not reviewed.
#' @return A list of class `summary.liveness_results`, which prints in a few lines, with
#'
#' \describe{
#'   \item{`sessions`}{Integer: how many.}
#'   \item{`status`, `errors`, `feedback`}{Table: how many of each status, error code and code of feedback.}
#'   \item{`confidence`}{Number: quantiles, by name.}
#'   \item{`attempts`}{Integer: requests that were sent.}
#'   \item{`thresholds`}{Data frame: for each threshold what [plot.liveness_results()] returns: `threshold`,
#'     `sessions`, `passed`, `share`, ...; `NULL` if none were given.}
#' }
#'
#' Raises `rekognition_argument_error` for a bad argument, and `rekognition_error` where columns are missing.
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
      # A session that is there twice was asked for once.
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
      # Codes are the service's: there may be any number of them.
      shown <- utils::head(table, 20)
      words <- paste(clean_text(names(shown), 60), whole(shown), collapse = ", ")
      more <- if (length(table) > 20) paste0(", and ", whole(length(table) - 20), " more")
      writeLines(paste0(title, words, more))
    }
  }
  writeLines(paste0("sessions:   ", whole(x$sessions), ", which took ", count_of(x$attempts, "request")))
  counts("status:     ", x$status)
  counts("errors:     ", x$errors)
  counts("feedback:   ", x$feedback)
  if (!anyNA(x$confidence)) {
    writeLines("confidence:")
    scores <- stats::setNames(score_text(x$confidence, digits, together = TRUE), names(x$confidence))
    print(scores, quote = FALSE, right = TRUE)
  }
  if (NROW(x$thresholds) > 0) {
    writeLines("thresholds:")
    rates <- x$thresholds
    rates$threshold <- format(rates$threshold, digits = 15, drop0trailing = TRUE)
    shares <- intersect(c("share", "false_accept", "false_reject"), names(rates))
    rates[shares] <- lapply(rates[shares], share_text)
    print(rates, row.names = FALSE)
  }
  invisible(x)
}
