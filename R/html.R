# HTML as text.

# The longest text in a cell.
most_letters <- 2000

# Text for HTML, in elements and in attributes: UTF-8, and nothing in it that a page cannot hold or that turns around
# what comes after it. Lines stay lines.
as_html <- function(x) {
  x <- clean_lines(x)
  x[is.na(x)] <- ""
  x <- gsub("&", "&amp;", x, fixed = TRUE)
  x <- gsub("<", "&lt;", x, fixed = TRUE)
  x <- gsub(">", "&gt;", x, fixed = TRUE)
  x <- gsub("\"", "&quot;", x, fixed = TRUE)
  gsub("'", "&#39;", x, fixed = TRUE)
}

# clean_text() for a page, which can show lines and longer text.
clean_lines <- function(x) {
  x <- as.character(x)
  has_lines <- !is.na(x) & validEnc(x) & Encoding(x) != "bytes"
  has_lines[has_lines] <- grepl("[\n\t]", x[has_lines])
  clean <- clean_text(x, most_letters)
  text <- enc2utf8(x[has_lines])
  text <- paste0(substr(text, 1, most_letters), ifelse(nchar(text) > most_letters, "...", ""))
  clean[has_lines] <- vapply(
    strsplit(gsub("\t", " ", text, fixed = TRUE), "\n", fixed = TRUE),
    function(lines) paste(clean_text(lines, most_letters), collapse = "\n"),
    ""
  )
  clean
}

# Numbers for what machines read (attributes of HTML, SVG, CSS): the same whatever the options and the locale.
for_machines <- function(x, format = "%.15g") {
  gsub("[^-+0-9e]+", ".", sprintf(format, x))
}
