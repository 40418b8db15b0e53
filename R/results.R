# Data frames of results: what they look like.

# What print() shows of results that have these columns.
shown_columns <- c(
  "session_id",
  "status",
  "confidence",
  "n_audit_images",
  "feedback",
  "error_code"
)

# All others are the user's.
columns_of_results <- c(
  "session_id",
  "status",
  "confidence",
  "reference_image",
  "audit_images",
  "n_audit_images",
  "challenge_type",
  "challenge_version",
  "feedback",
  "sdk_type",
  "error",
  "error_code",
  "request_id",
  "attempts",
  "retrieved_at"
)

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
  class(x) <- c("liveness_results", setdiff(class(x), "liveness_results"))
  x
}

#' @export
format.liveness_results <- function(x, ...) {
  cells <- lapply(unclass(x), format_cells)
  attributes(cells) <- list(
    names = names(x),
    class = "data.frame",
    row.names = .set_row_names(nrow(x))
  )
  cells
}

format_cells <- function(column) {
  if (is.list(column)) {
    vapply(unclass(column), format_cell, "")
  } else if (is.character(column)) {
    ifelse(is.na(column), "", column)
  } else {
    ifelse(is.na(column), "", format(column, digits = 7, trim = TRUE))
  }
}

# One line for what is in a list column: never the bytes of an image.
format_cell <- function(x) {
  if (is.null(x) || length(x) == 0) {
    ""
  } else if (inherits(x, "liveness_image")) {
    # The row says which session it is of.
    attr(x, "origin") <- NULL
    format(x)
  } else if (inherits(x, "condition")) {
    paste0("<", class(x)[1], ">")
  } else if (is.data.frame(x)) {
    paste(x$code, collapse = ", ")
  } else if (is.character(x)) {
    if (length(x) == 1) x else paste(length(x), "files")
  } else {
    paste(length(x), if (length(x) == 1) "image" else "images")
  }
}

# Columns of images, conditions and feedback keep to one line a cell in every data frame, also after a merge.
new_column <- function(x) {
  structure(x, class = c("liveness_column", "list"))
}

#' @export
`[.liveness_column` <- function(x, i) {
  new_column(unclass(x)[i])
}

#' @export
c.liveness_column <- function(...) {
  new_column(do.call(c, lapply(list(...), unclass)))
}

#' @export
format.liveness_column <- function(x, ...) {
  format(vapply(unclass(x), format_cell, ""), ...)
}

#' @export
print.liveness_column <- function(x, ...) {
  print(unclass(x), ...)
  invisible(x)
}

#' @export
print.liveness_results <- function(x, ..., n = 10) {
  if (!all(c("session_id", "status", "error_code") %in% names(x))) {
    # Columns were taken away: it is a data frame like any other.
    other <- x
    class(other) <- setdiff(class(x), "liveness_results")
    print(other, ...)
    return(invisible(x))
  }
  writeLines(paste0("<", nrow(x), if (nrow(x) == 1) " session" else " sessions", ">", counts_in_words(x)))
  if (nrow(x) > 0) {
    own <- setdiff(names(x), columns_of_results)
    top <- utils::head(plain_frame(x)[c(intersect(shown_columns, names(x)), own)], n)
    cells <- format.liveness_results(top)
    empty <- vapply(cells, function(column) all(column == ""), NA)
    print(cells[!empty], right = FALSE, row.names = FALSE)
  }
  if (nrow(x) > n) {
    writeLines(paste0("... and ", nrow(x) - n, " more"))
  }
  invisible(x)
}

# Without the class, so that methods of data frames and nothing else are used.
plain_frame <- function(x) {
  attributes(x) <- list(names = names(x), class = "data.frame", row.names = .set_row_names(nrow(x)))
  x
}

counts_in_words <- function(x) {
  counts <- table(ifelse(is.na(x$error_code), as.character(x$status), as.character(x$error_code)))
  if (length(counts) == 0) "" else paste0(" ", paste(counts, names(counts), collapse = ", "))
}

#' Summary of results
#'
#' Counts results of [liveness_results()], and says what thresholds do to them. A session passes if its confidence is
#' the threshold or above. There is no default threshold: AWS gives none, since it depends on what is at stake.
#'
#' @param object Results of [liveness_results()].
#' @param thresholds Numbers from 0 to 100.
#' @param label Name of a logical column: `TRUE` for a live person, `FALSE` for an attack, `NA` for a session that was
#'   not reviewed.
#' @param ... Not used.
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
summary.liveness_results <- function(object, thresholds = NULL, label = NULL, ...) {
  call <- quote(summary(...))
  check_columns(object, c("session_id", "status", "error_code", "confidence", "feedback", "attempts"), call)
  check_confidence(object, call)
  rates <- rates_or_null(object, thresholds, label, call)
  known <- c("SUCCEEDED", "FAILED", "EXPIRED", "IN_PROGRESS", "CREATED")
  status <- as.character(object$status)
  status <- factor(status, c(known, setdiff(stats::na.omit(status), known)))
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
print.summary.liveness_results <- function(x, ...) {
  counts <- function(title, table) {
    if (sum(table) > 0) {
      table <- table[table > 0]
      writeLines(paste0(title, paste(names(table), table, collapse = ", ")))
    }
  }
  writeLines(paste0("sessions:   ", x$sessions, ", with ", x$attempts, " requests"))
  counts("status:     ", x$status)
  counts("errors:     ", x$errors)
  counts("feedback:   ", x$feedback)
  if (!anyNA(x$confidence)) {
    writeLines("confidence:")
    print(x$confidence, digits = 5)
  }
  if (NROW(x$thresholds) > 0) {
    writeLines("thresholds:")
    print(x$thresholds, digits = 4, row.names = FALSE)
  }
  invisible(x)
}
