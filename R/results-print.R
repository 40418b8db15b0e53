# Printing of results.

#' @export
print.liveness_results <- function(x, ..., n = 10, digits = NULL, width = NULL) {
  call <- quote(print(...))
  check_print_dots(list(...), c("n", "digits", "width"), call)
  check_lines(n, call)
  digits <- check_digits(digits, call)
  width <- if (is.null(width)) getOption("width") else check_number(width, "width", call, min = 1)
  has_status <- all(c("session_id", "status") %in% names(x))
  counts <- if (has_status) describe_counts(x)
  what <- if (has_status) "session" else "row"
  writeLines(strwrap(paste0("<", pluralize(nrow(x), what), "> ", counts), width, exdent = 2))
  columns <- seq_along(x)
  if (all(names(result_columns) %in% names(x))) {
    # Complete results show some of their columns and all that the user added; a selection shows all.
    own <- which(!names(x) %in% names(result_columns))
    columns <- c(match(columns_shown("first"), names(x)), own, match(columns_shown("last"), names(x)))
  }
  top <- plain_frame(x)[seq_len(min(n, nrow(x))), columns, drop = FALSE]
  cells <- results_cells(top, digits)
  is_shown <- vapply(cells, function(column) nrow(top) > 0 && any(nzchar(column)), NA)
  cells <- cells[is_shown]
  is_number <- vapply(top[is_shown], function(column) is.numeric(column) && is.null(dim(column)), NA)
  headers <- clean_text(names(x)[columns[is_shown]], 80)
  table <- format_table(cells, headers, is_number, match("session_id", headers, 0), width)
  writeLines(table$lines)
  if (nrow(x) > n) {
    writeLines(paste0("... and ", pluralize(nrow(x) - n, paste("more", what))))
  }
  if (length(table$omitted) > 0) {
    omitted <- clean_text(toString(table$omitted))
    more <- pluralize(length(table$omitted), "more column")
    writeLines(strwrap(paste0("... and ", more, ": ", omitted), width, exdent = 4))
  }
  invisible(x)
}

# "2 SUCCEEDED (1 with rekognition_file_error), 1 FAILED".
describe_counts <- function(x) {
  outcomes <- clean_text(outcome_of(x), 60)
  outcomes[is.na(outcomes)] <- "no status"
  counts <- table(outcomes)
  counts <- counts[order(!names(counts) %in% known_statuses, match(names(counts), known_statuses))]
  # Normally there are five statuses and a few error codes.
  shown <- utils::head(names(counts), 12)
  code <- x[["error_code"]]
  parts <- vapply(
    shown,
    function(outcome) {
      # Sessions that have both a status and an error.
      errors <- if (!is.null(code)) table(clean_text(code[outcomes %in% outcome & !is.na(x[["status"]])], 60))
      errors <- if (length(errors) > 0) {
        paste0(" (", paste(format_count(errors), "with", names(errors), collapse = ", "), ")")
      }
      paste0(format_count(counts[[outcome]]), " ", outcome, errors)
    },
    ""
  )
  more <- if (length(counts) > length(shown)) {
    paste("and", format_count(length(counts) - length(shown)), "more")
  }
  paste(c(parts, more), collapse = ", ")
}
