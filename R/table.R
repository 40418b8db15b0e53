# A table of text for print(): as wide as the page, not wider.

# The narrowest that a column of text becomes before others are left out: on a page of 80, all that print() shows of
# results fit.
narrowest <- 14

# The lines of a table, and the heads of the columns that it has no room for. `id` is the number of the column of ids,
# 0 if there is none.
table_lines <- function(cells, heads, is_number, id, width) {
  if (length(cells) == 0) {
    return(list(lines = character(), left_out = character()))
  }
  columns <- Map(c, heads, cells)
  natural <- widths_of(columns)
  if (sum(natural + 1) > width && id > 0) {
    cells[[id]] <- shorten_ids(cells[[id]])
    columns[[id]] <- c(heads[id], cells[[id]])
    natural <- widths_of(columns)
  }
  # Numbers are not cut, nor are ids, by which rows are told apart.
  least <- ifelse(is_number, pmin(natural, pmax(narrowest, widths_of(cells))), pmin(natural, narrowest))
  least[id] <- natural[id]
  kept <- which(cumsum(least + 1) <= width | seq_along(natural) == 1)
  at_most <- function(most) pmax(least[kept], pmin(natural[kept], most))
  room <- Filter(function(most) sum(at_most(most) + 1) <= width, narrowest:max(narrowest, natural))
  final <- at_most(max(narrowest, unlist(room)))
  if (length(kept) == 1) {
    final <- max(4, min(final, width - 1))
  }
  parts <- Map(pad, columns[kept], final, is_number[kept])
  lines <- do.call(paste, c(list(""), unname(parts)))
  list(lines = sub(" +$", "", lines), left_out = heads[-kept])
}

widths_of <- function(columns) {
  vapply(columns, function(text) max(0, nchar(text, "width")), 0, USE.NAMES = FALSE)
}

pad <- function(text, width, is_right) {
  is_long <- nchar(text, "width") > width
  text[is_long] <- paste0(strtrim(text[is_long], width - 3), "...")
  space <- strrep(" ", width - nchar(text, "width"))
  if (is_right) paste0(space, text) else paste0(text, space)
}

# Ids by their first eight characters, or the last, or as many as it takes to tell them apart.
shorten_ids <- function(ids) {
  size <- nchar(ids)
  is_good <- function(short) length(unique(short)) == length(unique(ids))
  first <- function(n) ifelse(size > n + 3, paste0(substr(ids, 1, n), "..."), ids)
  last <- ifelse(size > 11, paste0("...", substring(ids, size - 7)), ids)
  if (!is_good(first(8)) && is_good(last)) {
    return(last)
  }
  Find(function(short) is_good(short), lapply(8:max(8, size), first))
}
