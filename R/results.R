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
