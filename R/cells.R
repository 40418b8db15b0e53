# What one value of a table looks like as text: in print(), in a CSV file, in a report.

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
rep.liveness_column <- function(x, ...) {
  new_column(rep(unclass(x), ...))
}

#' @export
unique.liveness_column <- function(x, incomparables = FALSE, ...) {
  x[!duplicated(unclass(x), incomparables, ...)]
}

#' @export
format.liveness_column <- function(x, ...) {
  format(format_cells(x), ...)
}

# What write.csv(), paste() and kin write: what is printed.
#' @export
as.character.liveness_column <- function(x, ...) {
  text <- format_cells(x)
  if (is_being_written()) {
    needs_quotes <- grepl("[^-A-Za-z0-9_./<>]", text)
    text[needs_quotes] <- paste0("\"", gsub("\"", "\"\"", text[needs_quotes], fixed = TRUE), "\"")
  }
  text
}

# write.table() and its kin quote no column that has a class: a comma in the path of a file would shift all that follows.
is_being_written <- function() {
  frames <- seq_len(sys.nframe())
  any(vapply(frames, function(i) identical(sys.function(i), utils::write.table), NA))
}

# As data.frame() takes other vectors: as one column.
#' @export
as.data.frame.liveness_column <- function(x, row.names = NULL, optional = FALSE, ...) {
  as.data.frame.vector(x, row.names, optional, ...)
}

#' @export
print.liveness_column <- function(x, ...) {
  clean <- function(cell) {
    if (is.character(cell)) {
      clean_text(cell)
    } else if (is.data.frame(cell)) {
      is_text <- vapply(cell, is.character, NA)
      cell[is_text] <- lapply(cell[is_text], clean_text)
      cell
    } else {
      cell
    }
  }
  print(lapply(unclass(x), clean), ...)
  invisible(x)
}

# Text that is the same where the content is: vctrs, and with it distinct() of dplyr, cannot compare raw vectors in lists.
#' @exportS3Method vctrs::vec_proxy_equal
vec_proxy_equal.liveness_column <- function(x, ...) {
  vapply(unclass(x), function(cell) if (is.null(cell)) NA_character_ else rlang::hash(cell), "")
}

# A column of any kind as text, a string for each row. `together`: numbers have the same number of decimals.
format_cells <- function(column, digits = 7, together = TRUE, clean = clean_text) {
  if (length(dim(column)) == 2) {
    parts <- lapply(as.list(as.data.frame(column)), format_cells, digits, together, clean)
    return(if (length(parts) > 0) do.call(paste, unname(parts)) else rep("", nrow(column)))
  }
  text <- if (is.list(column) && !inherits(column, "POSIXlt")) {
    vapply(unclass(column), format_cell, "", is_ours = inherits(column, "liveness_column"))
  } else if (is.character(column) || is.factor(column)) {
    as.character(column)
  } else if (!together && is.numeric(column) && !is.object(column)) {
    vapply(column, format, "", digits = digits)
  } else if (is.numeric(column)) {
    format(column, digits = digits, trim = TRUE)
  } else {
    format(column)
  }
  text <- clean(text)
  text[is.na(text) | (!is.list(column) & is.na(column))] <- ""
  unname(text)
}

# One line for what is in a list column: never the bytes of an image. In our own columns lists are images, and several
# strings are the paths of their files.
format_cell <- function(x, is_ours = FALSE) {
  if (is.null(x) || length(x) == 0) {
    ""
  } else if (inherits(x, "liveness_image")) {
    # The row says which session it is of.
    attr(x, "origin") <- NULL
    format(x)
  } else if (inherits(x, "condition")) {
    paste0("<", class(x)[1], ">")
  } else if (is.data.frame(x)) {
    if (is.null(x[["code"]])) count_of(nrow(x), "row") else paste(x[["code"]], collapse = ", ")
  } else if (is.raw(x)) {
    count_of(length(x), "byte")
  } else if (is_ours && is.character(x) && length(x) > 1) {
    count_of(length(x), "file")
  } else if (is.atomic(x)) {
    first <- utils::head(x, 20)
    text <- paste(if (is.object(x)) format(first) else first, collapse = ", ")
    if (length(x) > 20) paste0(text, ", ...") else text
  } else if (is.list(x) && (is_ours || all(vapply(x, inherits, NA, "liveness_image")))) {
    count_of(length(x), "image")
  } else {
    what_is(x)
  }
}

# "1 session", "2 sessions".
count_of <- function(n, what) {
  paste0(whole(n), " ", what, if (n != 1) "s")
}

# A count, never as 1e+05.
whole <- function(n) {
  sprintf("%.0f", n)
}

# A confidence, never shown as more than it is: 99.9999999 is not 100, and may be below a threshold.
score_text <- function(x, digits = 7, together = FALSE) {
  if (is.object(x) || length(x) == 0) {
    return(format_cells(x, digits, together))
  }
  digits <- min(digits, 15)
  size <- floor(log10(abs(x)))
  # log10() rounds up, too.
  size <- ifelse(10^size > abs(x), size - 1, size)
  decimals <- digits - 1 - size
  decimals <- ifelse(is.finite(x), pmax(0, pmin(decimals, max(7, digits - 2))), 0)
  y <- round(x, decimals)
  y <- ifelse(!is.na(x) & y > x, round(y - 10^-decimals, decimals), y)
  text <- format(y, digits = 15, trim = TRUE, scientific = FALSE, drop0trailing = !together)
  text[is.na(x)] <- ""
  unname(text)
}

# Shares of 1: what is not none is not shown as 0, what is not all not as 1.
share_text <- function(share) {
  rounded <- round(share, 4)
  some <- which(share > 0 & share < 1)
  rounded[some] <- pmin(0.9999, pmax(0.0001, rounded[some]))
  format(rounded, nsmall = 4, trim = TRUE)
}

# A share in percent, in the same way.
percent <- function(share) {
  rounded <- pmin(99.9, pmax(0.1, round(100 * share, 1)))
  text <- paste(format(rounded, trim = TRUE, drop0trailing = TRUE, digits = 4), "%")
  least <- paste("<", format(0.1), "%")
  most <- paste(">", format(99.9), "%")
  text <- ifelse(share > 0 & share < 0.001, least, ifelse(share < 1 & share > 0.999, most, text))
  ifelse(is.nan(share), "-", ifelse(share == 0, "0 %", ifelse(share == 1, "100 %", text)))
}
