# Values as text: in print(), CSV files and reports.

# The class of list columns (images, conditions, feedback): a cell prints on one line in any data frame, even after a
# merge.
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

# For write.csv(), paste() and similar: the same text as in print().
#' @export
as.character.liveness_column <- function(x, ...) {
  text <- format_cells(x)
  if (is_called_by_write_table()) {
    needs_quotes <- grepl("[^-A-Za-z0-9_./<>]", text)
    text[needs_quotes] <- paste0("\"", gsub("\"", "\"\"", text[needs_quotes], fixed = TRUE), "\"")
  }
  text
}

# write.table() and its wrappers do not quote columns with a class: a comma in a path would shift the columns after it.
is_called_by_write_table <- function() {
  frames <- seq_len(sys.nframe())
  any(vapply(frames, function(i) identical(sys.function(i), utils::write.table), NA))
}

# One column, as for atomic vectors.
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

# Hashes: vctrs, and with it dplyr::distinct(), cannot compare raw vectors in lists.
#' @exportS3Method vctrs::vec_proxy_equal
vec_proxy_equal.liveness_column <- function(x, ...) {
  vapply(unclass(x), function(cell) if (is.null(cell)) NA_character_ else rlang::hash(cell), "")
}

# A column of any type as text, one string per row. `align`: numbers have the same number of decimals.
format_cells <- function(column, digits = 7, align = TRUE, clean = clean_text) {
  if (length(dim(column)) == 2) {
    parts <- lapply(as.list(as.data.frame(column)), format_cells, digits, align, clean)
    return(if (length(parts) > 0) do.call(paste, unname(parts)) else rep("", nrow(column)))
  }
  text <- if (is.list(column) && !inherits(column, "POSIXlt")) {
    vapply(unclass(column), format_cell, "", is_own = inherits(column, "liveness_column"))
  } else if (is.character(column) || is.factor(column)) {
    as.character(column)
  } else if (!align && is.numeric(column) && !is.object(column)) {
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

# A cell of a list column on one line, never with the bytes of an image. In the package's own columns, a list is images,
# and several strings are paths of image files.
format_cell <- function(x, is_own = FALSE) {
  if (is.null(x) || length(x) == 0) {
    ""
  } else if (inherits(x, "liveness_image")) {
    # The session is in the same row.
    attr(x, "origin") <- NULL
    format(x)
  } else if (inherits(x, "condition")) {
    paste0("<", class(x)[1], ">")
  } else if (is.data.frame(x)) {
    if (is.null(x[["code"]])) pluralize(nrow(x), "row") else paste(x[["code"]], collapse = ", ")
  } else if (is.raw(x)) {
    pluralize(length(x), "byte")
  } else if (is_own && is.character(x) && length(x) > 1) {
    pluralize(length(x), "file")
  } else if (is.atomic(x)) {
    first <- utils::head(x, 20)
    text <- paste(if (is.object(x)) format(first) else first, collapse = ", ")
    if (length(x) > 20) paste0(text, ", ...") else text
  } else if (is.list(x) && (is_own || all(vapply(x, inherits, NA, "liveness_image")))) {
    pluralize(length(x), "image")
  } else {
    what_is(x)
  }
}

# "1 session", "2 sessions".
pluralize <- function(n, singular, plural = paste0(singular, "s")) {
  paste(format_count(n), if (n == 1) singular else plural)
}

# Without an exponent: 100000, not 1e+05.
format_count <- function(n) {
  sprintf("%.0f", n)
}

# A confidence, never rounded up: 99.9999999 must not read as 100, which would pass a threshold of 100.
format_score <- function(x, digits = 7, align = FALSE) {
  if (is.object(x) || length(x) == 0) {
    return(format_cells(x, digits, align))
  }
  digits <- min(digits, 15)
  size <- floor(log10(abs(x)))
  # log10() can round up as well.
  size <- ifelse(10^size > abs(x), size - 1, size)
  decimals <- digits - 1 - size
  decimals <- ifelse(is.finite(x), pmax(0, pmin(decimals, max(7, digits - 2))), 0)
  y <- round(x, decimals)
  y <- ifelse(!is.na(x) & y > x, round(y - 10^-decimals, decimals), y)
  text <- format(y, digits = 15, trim = TRUE, scientific = FALSE, drop0trailing = !align)
  text[is.na(x)] <- ""
  unname(text)
}

# Shares from 0 to 1. Only none is shown as 0, and only all as 1.
format_share <- function(share) {
  rounded <- round(share, 4)
  some <- which(share > 0 & share < 1)
  rounded[some] <- pmin(0.9999, pmax(0.0001, rounded[some]))
  format(rounded, nsmall = 4, trim = TRUE)
}

# The same as percentages.
format_percent <- function(share) {
  rounded <- pmin(99.9, pmax(0.1, round(100 * share, 1)))
  text <- paste0(format(rounded, trim = TRUE, drop0trailing = TRUE, digits = 4), "%")
  least <- paste0("<", format(0.1), "%")
  most <- paste0(">", format(99.9), "%")
  text <- ifelse(share > 0 & share < 0.001, least, ifelse(share < 1 & share > 0.999, most, text))
  ifelse(is.nan(share), "-", ifelse(share == 0, "0%", ifelse(share == 1, "100%", text)))
}
