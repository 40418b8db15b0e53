# Argument checks. Each takes the name to complain about and the user's call.

is_string <- function(x) {
  is.character(x) && length(x) == 1 && !is.na(x)
}

# Text that can be told in UTF-8: of a known encoding, and valid in it.
is_text <- function(x) {
  all(validEnc(x) & Encoding(x) != "bytes")
}

# A string for native code, which takes UTF-8 as it is.
check_string <- function(x, argument, call) {
  if (!is.character(x) || length(x) != 1 || is.na(x)) {
    stop_argument(argument, paste0("`", argument, "` must be a string, not ", what_is(x), "."), call)
  }
  if (!validEnc(x) || Encoding(x) == "bytes") {
    stop_argument(argument, paste0("`", argument, "` is not valid text in its encoding."), call)
  }
  enc2utf8(as.vector(x))
}

check_string_or_null <- function(x, argument, call) {
  if (is.null(x)) NULL else check_string(x, argument, call)
}

is_number <- function(x) {
  is.numeric(x) && !is.object(x) && length(x) == 1 && !is.na(x)
}

check_number <- function(x, argument, call, min = -Inf) {
  if (!is_number(x) || x < min) {
    from <- if (is.finite(min)) paste(" from", min, "on")
    stop_argument(
      argument,
      paste0("`", argument, "` must be a number", from, ", not ", shown(x), "."),
      call
    )
  }
  as.double(x)
}

check_whole_number_or_null <- function(x, argument, call) {
  if (is.null(x)) NULL else check_whole_number(x, argument, call)
}

check_whole_number <- function(x, argument, call) {
  if (!is_number(x) || x != round(x) || abs(x) > .Machine$integer.max) {
    stop_argument(argument, paste0("`", argument, "` must be a whole number, not ", shown(x), "."), call)
  }
  as.double(x)
}

stop_missing <- function(argument, call) {
  stop_argument(argument, paste0("`", argument, "` is missing."), call)
}

check_installed <- function(package, why, call) {
  if (!requireNamespace(package, quietly = TRUE)) {
    stop_plain(
      paste0("The package ", package, " is needed ", why, ": install.packages(\"", package, "\")."),
      call
    )
  }
}

# A list whose members have names, all of them among `known`.
check_members <- function(x, known, argument, call) {
  if (!is.list(x) || is.data.frame(x)) {
    stop_argument(argument, paste0("`", argument, "` must be a list, not ", what_is(x), "."), call)
  }
  if (length(x) == 0) {
    return(invisible())
  }
  if (!has_names(x)) {
    stop_argument(argument, paste0("All members of `", argument, "` must have names."), call)
  }
  unknown <- setdiff(names(x), known)
  if (length(unknown) > 0) {
    stop_argument(argument, unknown_name(unknown[1], known, argument), call)
  }
  if (anyDuplicated(names(x))) {
    twice <- names(x)[duplicated(names(x))][1]
    stop_argument(argument, paste0("`", argument, "` has `", twice, "` twice."), call)
  }
}

has_names <- function(x) {
  !is.null(names(x)) && !anyNA(names(x)) && all(nzchar(names(x), keepNA = NA)) && is_text(names(x))
}

# The complaint about a name that does not exist, with the names that were perhaps meant.
unknown_name <- function(name, known, where) {
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
  hint <- if (length(near) > 0) {
    paste0("Did you mean ", paste0("`", utils::head(near, 3), "`", collapse = " or "), "?")
  } else {
    paste0("It can have: ", paste0("`", known, "`", collapse = ", "), ".")
  }
  paste0("`", where, "` has no `", name, "`. ", hint)
}

# A number as it is, anything else as what it is.
shown <- function(x) {
  if (is_number(x)) format(x) else what_is(x)
}

# What a value is, in a few words, without its content: it may be a secret.
what_is <- function(x) {
  if (is.null(x)) {
    return("NULL")
  }
  if (is.atomic(x) && length(x) == 1 && is.na(x)) {
    return("NA")
  }
  kind <- if (is.object(x)) class(x)[1] else typeof(x)
  kind <- switch(
    kind,
    character = "string",
    double = "number",
    integer = "number",
    logical = "TRUE or FALSE",
    closure = "function",
    builtin = "function",
    kind
  )
  if (is.object(x) || !is.vector(x)) {
    return(paste("a", kind))
  }
  if (is.list(x)) {
    return("a list")
  }
  if (length(x) == 1) {
    return(if (kind == "TRUE or FALSE") kind else paste("a", kind))
  }
  paste0("a vector of ", length(x))
}
