# Checks of settings. Each takes the name of the setting and the call for the condition.

check_list <- function(x, where, call) {
  if (!is.list(x) || is.data.frame(x) || is.object(x)) {
    message <- if (where == "creds()") {
      gettextf("The function `creds` must return a list, not %s.", what_is(x))
    } else {
      gettextf("`%s` must be a list, not %s.", where, what_is(x))
    }
    stop_config(where, message, call)
  }
  if (length(x) > 0 && !has_names(x)) {
    stop_config(where, gettextf("All elements of `%s` must be named.", where), call)
  }
}

check_names <- function(x, known, ignored, where, call) {
  unknown <- setdiff(names(x), c(known, ignored))
  if (length(unknown) > 0) {
    stop_config(unknown[1], unknown_name(unknown[1], known, where), call)
  }
  if (anyDuplicated(names(x))) {
    duplicate <- names(x)[duplicated(names(x))][1]
    stop_config(duplicate, gettextf("`%s` is given more than once in `%s`.", duplicate, where), call)
  }
}

# Checks one setting. NULL and, as in paws, an empty string are "not given".
check_setting <- function(x, type, name, call) {
  if (is.null(x) || identical(x, "")) {
    return(NULL)
  }
  is_valid <- switch(
    type,
    string = is_string(x) && is_text(x),
    flag = is.logical(x) && length(x) == 1 && !is.na(x),
    seconds = is_number(x) && x >= 0.001 && x <= 1e9,
    count = is_number(x) && x >= 0 && x == round(x) && x < 2^31
  )
  if (!is_valid) {
    message <- switch(
      type,
      string = if (is_string(x)) {
        gettextf("`%s` must be valid text in its encoding.", name)
      } else {
        gettextf("`%s` must be a string, not %s.", name, what_is(x))
      },
      flag = gettextf("`%s` must be TRUE or FALSE, not %s.", name, value_or_type(x)),
      seconds = gettextf(
        "`%s` must be a number of seconds from %s to %s, not %s.",
        name,
        0.001,
        "1e9",
        value_or_type(x)
      ),
      count = gettextf("`%s` must be a non-negative whole number, not %s.", name, value_or_type(x))
    )
    stop_config(name, message, call)
  }
  switch(type, string = to_utf8(as.vector(x)), seconds = as.double(x), count = as.double(x), x)
}

# Helpers of paws return lists with a class.
plain_list <- function(x) {
  if (inherits(x, "struct")) {
    x <- unclass(x)
  }
  if (is.list(x) && !is.object(x)) {
    x[] <- lapply(x, plain_list)
  }
  x
}

key_names <- c("access_key_id", "secret_access_key", "session_token")
ignored_key_names <- c("access_token", "expiration", "provider_name")

# The keys in a list.
check_keys <- function(creds, where, call) {
  check_list(creds, where, call)
  check_names(creds, c(key_names, if (where == "creds()") "expiration"), ignored_key_names, where, call)
  keys <- lapply(key_names, function(name) check_setting(creds[[name]], "string", name, call))
  names(keys) <- key_names
  Filter(Negate(is.null), keys)
}

complete_keys <- function(keys, call) {
  if (length(keys) > 0) {
    missing <- setdiff(c("access_key_id", "secret_access_key"), names(keys))
    if (length(missing) > 0) {
      stop_config(missing[1], gettextf("`creds` must also contain `%s`.", missing[1]), call)
    }
  }
  keys
}

# Seconds since 1970, or text that native code parses. In lists of paws, Inf means "unknown".
check_expiration <- function(x, call) {
  if (is.null(x) || identical(x, "") || identical(x, Inf)) {
    return(NULL)
  }
  if (inherits(x, "POSIXlt")) {
    x <- tryCatch(as.POSIXct(x), error = function(e) x)
  }
  if (is_time(x)) {
    return(as.double(unclass(x)))
  }
  if (!is_string(x)) {
    message <- gettextf(
      "`%s` must be a POSIXct or a string such as \"2026-12-31T23:59:59Z\", not %s.",
      "expiration",
      what_is(x)
    )
    stop_config("expiration", message, call)
  }
  to_utf8(x)
}

check_log_level <- function(level, call) {
  levels <- c("off", "info", "debug")
  if (!is_string(level) || !is_text(level) || !ascii_lower(level) %in% c("", levels)) {
    setting <- "rekognition.log_level"
    levels <- either(paste0("\"", levels, "\""))
    given <- if (is_string(level)) paste0("\"", clean_text(level, 50), "\"") else value_or_type(level)
    stop_config(setting, gettextf("`%s` must be %s, not %s.", setting, levels, given), call)
  }
  as.vector(level)
}
