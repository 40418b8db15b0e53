# Results as a data frame: the class and its conversions.

known_statuses <- c("SUCCEEDED", "FAILED", "EXPIRED", "IN_PROGRESS", "CREATED")

#' @rdname liveness_results
#' @param x A data frame with columns of results, at least `session_id` and `status`.
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
    # A tibble, perhaps grouped, or another subclass.
    x <- plain_frame(x)
  }
  class(x) <- c("liveness_results", "data.frame")
  register_s4_class()
  x
}

# So that S4 methods for data frames, such as those of DBI, accept results. A class in the namespace would make R load the
# package in four times the time.
register_s4_class <- function(...) {
  if (is.null(the$s4_classes)) {
    the$s4_classes <- new.env(parent = emptyenv())
    assign(".packageName", "rekognition", the$s4_classes)
    methods::setOldClass(c("liveness_results", "data.frame"), where = the$s4_classes)
  }
}

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
        format_score(column, digits, align = TRUE)
      } else if (identical(name, "session_id")) {
        # A row of missing values stays visible.
        ifelse(is.na(column), "NA", format_cells(column, digits))
      } else {
        format_cells(column, digits)
      }
    },
    unclass(x),
    names(x)
  )
}

# As text, because t() and apply() would unlist images.
#' @export
as.matrix.liveness_results <- function(x, ...) {
  is_list <- vapply(x, inherits, NA, "liveness_column")
  class(x) <- "data.frame"
  x[is_list] <- lapply(x[is_list], as.character)
  if (any(is_list) && is.numeric(x[["confidence"]])) {
    # With all digits: as.matrix() would round it up.
    x$confidence <- as.character(x$confidence)
  }
  as.matrix(x, ...)
}

# Without the class, so that only methods of data frames apply.
plain_frame <- function(x) {
  attributes(x) <- list(names = names(x), class = "data.frame", row.names = .set_row_names(nrow(x)))
  x
}

# The status, or the error code if there is no status.
outcome_of <- function(x) {
  code <- if (is.null(x[["error_code"]])) NA_character_ else as.character(x[["error_code"]])
  status <- as.character(x[["status"]])
  ifelse(is.na(status), code, status)
}
