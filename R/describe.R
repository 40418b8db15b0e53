# What values are, and how messages describe them.

is_string <- function(x) {
  is.character(x) && length(x) == 1 && !is.na(x)
}

is_number <- function(x) {
  is.numeric(x) && !is.object(x) && length(x) == 1 && !is.na(x)
}

# The type of a value for a message, never its content, which may be a secret.
what_is <- function(x) {
  if (is.null(x)) {
    return("NULL")
  }
  if (is.atomic(x) && length(x) == 1 && is.na(x)) {
    return("NA")
  }
  is_plain <- !is.object(x) && is.vector(x)
  if (is_plain && !is.list(x) && length(x) != 1) {
    type <- if (is.double(x)) "numeric" else typeof(x)
    article <- if (is.integer(x)) "an" else "a"
    return(gettextf("%s %s vector of length %s", article, type, length(x)))
  }
  kind <- if (is.object(x)) class(x)[1] else typeof(x)
  switch(
    kind,
    character = gettext("a string"),
    double = ,
    integer = gettext("a number"),
    logical = if (is_plain) as.character(x) else gettext("a logical vector"),
    closure = ,
    builtin = gettext("a function"),
    list = gettext("a list"),
    raw = gettext("a raw vector"),
    complex = gettext("a complex number"),
    data.frame = gettext("a data frame"),
    if (grepl("^[aeiouAEIOU]", kind)) gettextf("an %s", kind) else gettextf("a %s", kind)
  )
}

# A number itself, or the type of anything else.
value_or_type <- function(x) {
  if (is_number(x)) format(x) else what_is(x)
}

# The message for an unknown name, with near misses.
unknown_name <- function(name, known, where) {
  near <- near_misses(name, known)
  if (length(near) > 0) {
    gettextf("`%s` does not accept `%s`. Did you mean %s?", where, name, either(near))
  } else {
    known <- paste0("`", known, "`", collapse = ", ")
    gettextf("`%s` does not accept `%s`, only %s.", where, name, known)
  }
}

# Up to three names that resemble a name, the nearest first, in backticks.
near_misses <- function(name, known) {
  distance <- utils::adist(name, known, ignore.case = TRUE)[1, ]
  contained <- vapply(
    known,
    function(k) {
      grepl(name, k, fixed = TRUE) || (nchar(k) > 3 && grepl(k, name, fixed = TRUE))
    },
    logical(1)
  )
  near <- known[distance <= max(2, nchar(name) %/% 3) | contained]
  near <- near[order(utils::adist(name, near, ignore.case = TRUE)[1, ])]
  if (length(near) > 0) paste0("`", utils::head(near, 3), "`")
}
