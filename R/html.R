# HTML primitives: elements, and text that is safe in them.

# An element as text, vectorized. Named arguments are attributes: TRUE for one without a value, NULL or NA for none. The
# others are its content. Both must be HTML already: see escape_html().
tag <- function(.name, ...) {
  parts <- list(...)
  is_content <- if (is.null(names(parts))) rep(TRUE, length(parts)) else names(parts) == ""
  content <- Filter(Negate(is.null), parts[is_content])
  open <- do.call(open_tag, c(.name, parts[!is_content]))
  if (.name %in% c("img", "input", "meta")) {
    return(open)
  }
  do.call(paste0, c(list(open), content, "</", .name, ">", recycle0 = TRUE))
}

open_tag <- function(.name, ...) {
  attributes <- list(...)
  parts <- list("<", .name)
  for (name in names(attributes)) {
    parts <- c(parts, html_attribute(name, attributes[[name]]))
  }
  # A single paste0(), because a value can be an image of megabytes.
  do.call(paste0, c(parts, ">", recycle0 = TRUE))
}

html_attribute <- function(name, value) {
  if (is.null(value)) {
    return(NULL)
  }
  if (isTRUE(value)) {
    return(list(" ", name))
  }
  parts <- list(" ", name, "=\"", value, "\"")
  if (anyNA(value)) list(ifelse(is.na(value), "", do.call(paste0, parts))) else parts
}

# Several elements on one line.
inline <- function(...) {
  paste(c(...), collapse = "")
}

# The maximum length of a text in a page.
max_html_chars <- 2000

# Text for elements and attributes, as UTF-8. Characters that a page cannot hold, or that change the direction of the
# text after them, are replaced. Line breaks stay.
escape_html <- function(x) {
  x <- clean_lines(x)
  x[is.na(x)] <- ""
  x <- gsub("&", "&amp;", x, fixed = TRUE)
  x <- gsub("<", "&lt;", x, fixed = TRUE)
  x <- gsub(">", "&gt;", x, fixed = TRUE)
  x <- gsub("\"", "&quot;", x, fixed = TRUE)
  gsub("'", "&#39;", x, fixed = TRUE)
}

# clean_text() for several lines and longer text.
clean_lines <- function(x) {
  x <- as.character(x)
  has_lines <- !is.na(x) & validEnc(x) & Encoding(x) != "bytes"
  has_lines[has_lines] <- grepl("[\n\t]", x[has_lines])
  clean <- clean_text(x, max_html_chars)
  text <- enc2utf8(x[has_lines])
  text <- paste0(substr(text, 1, max_html_chars), ifelse(nchar(text) > max_html_chars, "...", ""))
  clean[has_lines] <- vapply(
    strsplit(gsub("\t", " ", text, fixed = TRUE), "\n", fixed = TRUE),
    function(lines) paste(clean_text(lines, max_html_chars), collapse = "\n"),
    ""
  )
  clean
}

# Numbers in attributes of HTML, SVG and CSS: independent of options and of the locale's decimal mark.
format_number <- function(x, format = "%.15g") {
  gsub("[^-+0-9e]+", ".", sprintf(format, x))
}
