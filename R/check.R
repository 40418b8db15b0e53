# Argument checks. Each takes the name of the argument and the user's call for the condition.

# A string for native code, which takes UTF-8 as it is.
check_string <- function(x, argument, call) {
  if (!is.character(x) || length(x) != 1 || is.na(x)) {
    stop_argument(argument, gettextf("`%s` must be a string, not %s.", argument, what_is(x)), call)
  }
  if (!is_text(x)) {
    stop_argument(argument, gettextf("`%s` must be valid text in its encoding.", argument), call)
  }
  to_utf8(as.vector(x))
}

# A path in the encoding of the locale, as files are named. A path in native encoding stays as it is: in the C locale it
# may consist of bytes that are not text for R.
check_path <- function(x, argument, call) {
  if (!is_string(x)) {
    stop_argument(argument, gettextf("`%s` must be a string, not %s.", argument, what_is(x)), call)
  }
  x <- as.vector(x)
  native <- if (Encoding(x) == "unknown") x else enc2native(x)
  is_representable <- Encoding(x) == "unknown" || (validEnc(x) && identical(enc2utf8(native), enc2utf8(x)))
  if (!nzchar(x)) {
    stop_argument(argument, gettextf("`%s` must not be empty.", argument), call)
  }
  if (!is_representable) {
    message <- gettextf("`%s` is not a valid path in this locale: \"%s\".", argument, clean_text(x))
    stop_argument(argument, message, call)
  }
  path.expand(native)
}

check_string_or_null <- function(x, argument, call) {
  if (is.null(x)) NULL else check_string(x, argument, call)
}

check_number <- function(x, argument, call, min = -Inf) {
  if (!is_number(x)) {
    stop_argument(argument, gettextf("`%s` must be a number, not %s.", argument, what_is(x)), call)
  }
  if (x < min) {
    message <- gettextf("`%s` must be at least %s, not %s.", argument, min, format(x))
    stop_argument(argument, message, call)
  }
  as.double(x)
}

check_whole_number <- function(x, argument, call) {
  if (!is_number(x) || x != round(x) || abs(x) > .Machine$integer.max) {
    stop_argument(
      argument,
      gettextf("`%s` must be a whole number, not %s.", argument, value_or_type(x)),
      call
    )
  }
  as.double(x)
}

stop_missing <- function(argument, call) {
  stop_argument(argument, gettextf("`%s` is missing.", argument), call)
}

check_client <- function(svc, call) {
  if (!inherits(svc, "rekognition_client")) {
    message <- gettextf("`%s` must be a client from `%s`, not %s.", "svc", "rekognition()", what_is(svc))
    stop_argument("svc", message, call)
  }
}

check_flag <- function(x, argument, call) {
  if (!isTRUE(x) && !isFALSE(x)) {
    stop_argument(argument, gettextf("`%s` must be TRUE or FALSE, not %s.", argument, value_or_type(x)), call)
  }
}

check_max_active <- function(x, call) {
  x <- check_whole_number(x, "max_active", call)
  if (x < 1 || x > 1000) {
    message <- gettextf("`%s` must be a whole number from %s to %s, not %s.", "max_active", 1, 1000, x)
    stop_argument("max_active", message, call)
  }
  x
}

check_installed <- function(package, message, call) {
  if (!requireNamespace(package, quietly = TRUE)) {
    stop_plain(message, call)
  }
}

check_polling <- function(timeout, interval, call) {
  list(
    timeout = min(check_number(timeout, "timeout", call, min = 0), 1e9),
    interval = min(check_number(interval, "interval", call, min = 0.05), 1e9)
  )
}

# The options in `...`, completed with defaults. `others` are the arguments beside `...`, for near misses.
check_options <- function(given, options, others, where, call) {
  check_dots_named(given, where, call)
  unknown <- setdiff(names(given), names(options))
  if (length(unknown) > 0) {
    stop_argument("...", unknown_name(unknown[1], c(others, names(options)), where), call)
  }
  if (anyDuplicated(names(given))) {
    duplicate <- names(given)[duplicated(names(given))][1]
    stop_argument("...", gettextf("`%s` is given more than once in `%s`.", duplicate, where), call)
  }
  options[names(given)] <- given
  options
}

# R passes the arguments of print.default() on to the elements of a list that it prints. Others are mistakes.
check_print_dots <- function(given, known, call) {
  of_default <- which(names(given) %in% names(formals(print.default)))
  given[of_default] <- NULL
  check_dots(given, known, "print()", call)
}

# Refuses everything in the `...` of a method. `known` are the arguments beside `...`, for near misses.
check_dots <- function(given, known, where, call) {
  if (length(given) == 0) {
    return(invisible())
  }
  if (length(known) > 0) {
    check_options(given, list(), known, where, call)
  }
  message <- if (all(nzchar(names(given))) && !is.null(names(given))) {
    gettextf("`%s` does not accept `%s`.", where, names(given)[1])
  } else {
    gettextf("`%s` accepts no other arguments.", where)
  }
  stop_argument("...", message, call)
}

check_dots_named <- function(given, where, call) {
  if (length(given) > 0 && (is.null(names(given)) || any(names(given) == ""))) {
    stop_argument("...", gettextf("Arguments in the `...` of `%s` must be named.", where), call)
  }
}

check_lines <- function(n, call) {
  if (!is_number(n) || n < 0 || n != round(n)) {
    message <- gettextf("`%s` must be a non-negative whole number, not %s.", "n", value_or_type(n))
    stop_argument("n", message, call)
  }
}

check_digits <- function(digits, call) {
  if (!is.null(digits) && (!is_number(digits) || !digits %in% 1:22)) {
    message <- gettextf(
      "`%s` must be a whole number from %s to %s, not %s.",
      "digits",
      1,
      22,
      value_or_type(digits)
    )
    stop_argument("digits", message, call)
  }
  digits
}

max_sessions <- 100000

check_session_ids <- function(x, call) {
  stop_ids <- function(message) stop_argument("session_ids", message, call)
  if (is.factor(x)) {
    x <- as.character(x)
  }
  if (!is.character(x)) {
    stop_ids(gettextf("`%s` must be a character vector, not %s.", "session_ids", what_is(x)))
  }
  if (length(x) > max_sessions) {
    most <- format(max_sessions, scientific = FALSE)
    stop_ids(gettextf("`%s` must have at most %s elements, not %s.", "session_ids", most, length(x)))
  }
  if (anyNA(x)) {
    stop_ids(gettextf("`%s` must not contain NA (element %s).", "session_ids", which(is.na(x))[1]))
  }
  if (!is_text(x)) {
    first <- which(!is_valid_text(x))[1]
    stop_ids(gettextf("`%s` must be valid text in its encoding (element %s is not).", "session_ids", first))
  }
  to_utf8(as.vector(x))
}

check_choice <- function(x, choices, argument, call) {
  if (identical(x, choices)) {
    return(choices[1])
  }
  if (!is_string(x) || !x %in% choices) {
    choices <- either(paste0("\"", choices, "\""))
    given <- if (is_string(x)) paste0("\"", clean_text(x, 50), "\"") else value_or_type(x)
    stop_argument(argument, gettextf("`%s` must be %s, not %s.", argument, choices, given), call)
  }
  x
}

# The folder, created if it does not exist. Each session has a folder in it, named after its ID.
check_dir <- function(dir, ids, images, call) {
  dir <- check_path(dir, "dir", call)
  if (images == "drop") {
    message <- gettext("`images = \"drop\"` cannot be combined with `dir`, which saves the images.")
    stop_argument("images", message, call)
  }
  check_folder_names(ids, call)
  if (!dir.exists(dir)) {
    dir.create(dir, showWarnings = FALSE, recursive = TRUE, mode = "0700")
  }
  if (!dir.exists(dir) || file.access(dir, 2) != 0) {
    message <- gettextf("`%s` is not a writable folder: %s.", "dir", clean_text(dir))
    stop_file(dir, message, call)
  }
  dir
}

# Whether sessions can have folders of these names, on every system: Windows has devices, and drops a `.` at the end.
check_folder_names <- function(ids, call) {
  is_valid <- grepl("^[A-Za-z0-9]([A-Za-z0-9_.-]{0,198}[A-Za-z0-9_-])?$", ids) &
    !grepl("^(CON|PRN|AUX|NUL|(COM|LPT)[0-9])([.]|$)", ascii_upper(ids))
  if (!all(is_valid)) {
    stop_argument(
      "session_ids",
      gettextf(
        "With `dir`, session IDs are folder names: at most 200 letters, digits, `-`, `_` and `.`, beginning with a letter or digit, not ending with `.`, and no device of Windows such as \"NUL\". Element %s is not such a name.",
        which(!is_valid)[1]
      ),
      call
    )
  }
}

# A POSIXct of one time. The class alone says nothing about the value.
is_time <- function(x) {
  inherits(x, "POSIXct") && is_finite(unclass(x))
}

is_finite <- function(value) {
  is.numeric(value) && length(value) == 1 && is.finite(value)
}

# The time before which results are older.
check_older_than <- function(x, call) {
  value <- unclass(x)
  if (is_time(x)) {
    if (value > as.double(Sys.time())) {
      stop_argument("older_than", gettextf("`%s` must not be in the future.", "older_than"), call)
    }
    return(as.double(value))
  }
  units <- attr(x, "units", exact = TRUE)
  known <- c(secs = 1, mins = 60, hours = 3600, days = 86400, weeks = 604800)
  is_duration <- inherits(x, "difftime") && is_finite(value) && is_string(units) && units %in% names(known)
  if (is_duration && value >= 0) {
    return(as.double(Sys.time()) - as.double(value) * known[[units]])
  }
  message <- gettextf(
    "`%s` must be a difftime of at least 0, such as `as.difftime(30, units = \"days\")`, or a POSIXct, not %s.",
    "older_than",
    if (is_duration) paste(as.double(value), units) else value_or_type(x)
  )
  stop_argument("older_than", message, call)
}

# A list whose names are all among `known`.
check_members <- function(x, known, argument, call) {
  if (!is.list(x) || is.data.frame(x)) {
    stop_argument(argument, gettextf("`%s` must be a list, not %s.", argument, what_is(x)), call)
  }
  if (length(x) == 0) {
    return(invisible())
  }
  if (!has_names(x)) {
    stop_argument(argument, gettextf("All elements of `%s` must be named.", argument), call)
  }
  unknown <- setdiff(names(x), known)
  if (length(unknown) > 0) {
    stop_argument(argument, unknown_name(unknown[1], known, argument), call)
  }
  if (anyDuplicated(names(x))) {
    duplicate <- names(x)[duplicated(names(x))][1]
    stop_argument(argument, gettextf("`%s` is given more than once in `%s`.", duplicate, argument), call)
  }
}

has_names <- function(x) {
  !is.null(names(x)) && !anyNA(names(x)) && all(nzchar(names(x), keepNA = NA)) && is_text(names(x))
}

check_operation_name <- function(name, call) {
  is_name <- is_string(name) && is_text(name) && nzchar(name)
  if (is_name && !is.null(operation_makers[[name]])) {
    return(name)
  }
  shown <- if (is_string(name)) clean_text(name, 100) else value_or_type(name)
  near <- if (is_name) near_misses(name, names(operation_arguments))
  message <- if (is.null(near)) {
    gettextf("The client has no operation `%s`. See `names()` of the client.", shown)
  } else {
    gettextf("The client has no operation `%s`. Did you mean %s?", shown, either(near))
  }
  # The client may be made in the call, from keys.
  stop_argument("name", message, user_call(call, hide_args = TRUE))
}
