# Text tables for print(), fitted to a width.

# Text columns are narrowed to this width before columns are omitted. All columns that print() shows of results fit into
# 80 characters then.
min_column_width <- 14

# The lines of a table, and the headers of the columns that do not fit. `id` is the number of the column of session IDs,
# 0 if there is none.
format_table <- function(cells, headers, is_number, id, width) {
  if (length(cells) == 0) {
    return(list(lines = character(), omitted = character()))
  }
  columns <- Map(c, headers, cells)
  full <- text_widths(columns)
  if (sum(full + 1) > width && id > 0) {
    cells[[id]] <- shorten_ids(cells[[id]])
    columns[[id]] <- c(headers[id], cells[[id]])
    full <- text_widths(columns)
  }
  # Numbers are not truncated, and neither are IDs, which identify the rows.
  least <- ifelse(
    is_number,
    pmin(full, pmax(min_column_width, text_widths(cells))),
    pmin(full, min_column_width)
  )
  least[id] <- full[id]
  kept <- which(cumsum(least + 1) <= width | seq_along(full) == 1)
  limited <- function(limit) pmax(least[kept], pmin(full[kept], limit))
  fitting <- Filter(
    function(limit) sum(limited(limit) + 1) <= width,
    min_column_width:max(min_column_width, full)
  )
  final <- limited(max(min_column_width, unlist(fitting)))
  if (length(kept) == 1) {
    final <- max(4, min(final, width - 1))
  }
  parts <- Map(fit_cells, columns[kept], final, is_number[kept])
  lines <- do.call(paste, c(list(""), unname(parts)))
  list(lines = sub(" +$", "", lines), omitted = headers[-kept])
}

text_widths <- function(columns) {
  vapply(columns, function(text) max(0, nchar(text, "width")), 0, USE.NAMES = FALSE)
}

fit_cells <- function(text, width, is_right) {
  is_long <- nchar(text, "width") > width
  text[is_long] <- paste0(strtrim(text[is_long], width - 3), "...")
  space <- strrep(" ", width - nchar(text, "width"))
  if (is_right) paste0(space, text) else paste0(text, space)
}

# IDs truncated to their first eight characters, or the last, or as many as keep them distinct.
shorten_ids <- function(ids) {
  size <- nchar(ids)
  is_distinct <- function(short) length(unique(short)) == length(unique(ids))
  first <- function(n) ifelse(size > n + 3, paste0(substr(ids, 1, n), "..."), ids)
  last <- ifelse(size > 11, paste0("...", substring(ids, size - 7)), ids)
  if (!is_distinct(first(8)) && is_distinct(last)) {
    return(last)
  }
  Find(function(short) is_distinct(short), lapply(8:max(8, size), first))
}
