# What print() shows of results.

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
