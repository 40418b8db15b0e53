# Who reviews.

# The name from the proxy or the Shiny server, or NULL if the reviewer enters it in the page. NA if the proxy has sent
# none: then nothing can be reviewed.
signed_in_reviewer <- function(session, header) {
  if (!is.null(header)) {
    # By the exact name: in `request$HTTP_X_USER`, a client's header X_User would replace the proxy's X-User.
    sent <- session$request$HEADERS
    found <- sent[names(sent) == ascii_lower(header)]
    return(if (length(found) == 1) valid_reviewer(found) else NA_character_)
  }
  # Set by Shiny Server and Posit Connect. Without them a client can set it, as it can enter any name.
  if (!is.null(session$user)) valid_reviewer(session$user)
}

max_reviewer_chars <- 100

# The name without spaces around it, or NA if it is not usable.
valid_reviewer <- function(name) {
  if (!is.character(name) || length(name) != 1 || is.na(name)) {
    return(NA_character_)
  }
  if (Encoding(name) == "unknown") {
    Encoding(name) <- "UTF-8"
  }
  if (!validUTF8(name)) {
    return(NA_character_)
  }
  name <- trimws(enc2utf8(unname(name)))
  is_usable <- nzchar(name) && nchar(name) <= max_reviewer_chars && !grepl(not_in_names, name, perl = TRUE)
  if (is_usable) name else NA_character_
}

# Controls, line breaks, and characters that change the direction of other text.
not_in_names <- "(*UTF)[\\p{Cc}\\p{Zl}\\p{Zp}\\x{202A}-\\x{202E}\\x{2066}-\\x{2069}]"

max_note_chars <- 800

# A note as text, with its line breaks. Longer ones are cut: a line of reviews.jsonl must fit into one write.
clean_note <- function(note) {
  if (!is.character(note) || length(note) != 1 || is.na(note) || !validUTF8(note)) {
    return("")
  }
  note <- gsub("\r\n?", "\n", enc2utf8(note))
  note <- gsub("(*UTF)(?!\n)\\p{Cc}", " ", note, perl = TRUE)
  substr(trimws(note), 1, max_note_chars)
}
