# Text for people and for native code. Nothing here raises a condition, because conditions are made with it.

# Whether strings can be converted to UTF-8: their encoding is known, and they are valid in it.
is_text <- function(x) {
  all(validEnc(x) & Encoding(x) != "bytes")
}

# Text from a server, a file or a process, safe to show: without control characters (line breaks and escape sequences
# among them) and characters that change the direction of text, and at most `width` characters.
clean_text <- function(x, width = 500) {
  x <- as.character(x)
  is_invalid <- !validEnc(x) | Encoding(x) == "bytes"
  x[is_invalid] <- iconv(x[is_invalid], "ASCII", "UTF-8", sub = "byte")
  cleaned <- text_clean(enc2utf8(x), width)
  # An error of native code: the text of its condition would come here again.
  if (is.object(cleaned)) rep(gettext("(text that cannot be shown)"), length(x)) else cleaned
}

# The same for a reason that native code has composed, which may have several lines.
clean_reason <- function(x) {
  paste(clean_text(strsplit(x, "\n", fixed = TRUE)[[1]], 1000), collapse = "\n")
}

# A path for native code, which does not know the encoding of the locale.
path_bytes <- function(path) {
  charToRaw(path)
}

sentence <- function(text) {
  paste0(ascii_upper(substr(text, 1, 1)), substring(text, 2), if (!endsWith(text, "?")) ".")
}

with_hint <- function(message, hint) {
  if (is.null(hint)) message else paste0(message, "\ni ", hint)
}

either <- function(choices) {
  if (length(choices) < 2) {
    return(choices)
  }
  last <- length(choices)
  gettextf("%s or %s", paste(choices[-last], collapse = ", "), choices[last])
}

# Case conversion of codes, levels and class names in any locale: in Turkish, tolower("I") is not "i".
ascii_lower <- function(x) {
  chartr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", x)
}

ascii_upper <- function(x) {
  chartr("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", x)
}
