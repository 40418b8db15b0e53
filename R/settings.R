# Configuration lists -> one flat list of checked settings.

# Settings with a meaning here, and the type of each.
setting_types <- c(
  endpoint = "string",
  region = "string",
  connect_timeout = "seconds",
  timeout = "seconds",
  read_timeout = "seconds",
  operation_timeout = "seconds",
  max_retries = "count",
  retry_mode = "string",
  close_connection = "flag",
  sts_regional_endpoint = "string",
  ca_bundle = "string",
  proxy = "string",
  use_fips = "flag",
  use_dualstack = "flag",
  app_name = "string"
)

# Settings of paws that have no meaning here.
idle_settings <- c(
  "s3_force_path_style",
  "s3_virtual_address",
  "signature_version",
  "partition_name",
  "disable_rest_protocol_uri_cleaning",
  "endpoint_resolver",
  "enforce_should_retry_check",
  "disable_ssl",
  "retryer",
  "disable_param_validation",
  "disable_compute_checksums",
  "s3_disable_100_continue",
  "s3_use_accelerate",
  "s3_disable_content_md5_validation",
  "ec2_metadata_disable_timeout_override",
  "use_dual_stack",
  "sleep_delay"
)

key_names <- c("access_key_id", "secret_access_key", "session_token")
idle_key_names <- c("access_token", "expiration", "provider_name")

# The flat list that native code takes. What is not given is not in it.
flat_settings <- function(config, credentials, endpoint, region, call) {
  config <- plain_list(if (is.null(config)) list() else config)
  credentials <- plain_list(if (is.null(credentials)) list() else credentials)
  check_list(config, "config", call)
  check_list(credentials, "credentials", call)
  check_names(config, c("credentials", names(setting_types)), idle_settings, "config", call)
  settings <- list()
  for (name in names(setting_types)) {
    settings[[name]] <- check_setting(config[[name]], setting_types[[name]], name, call)
  }
  settings <- merge_timeout(settings, call)
  for (shortcut in c("endpoint", "region")) {
    value <- check_setting(get(shortcut), "string", shortcut, call)
    settings[[shortcut]] <- if (is.null(value)) settings[[shortcut]] else value
  }
  in_config <- if (is.null(config$credentials)) list() else config$credentials
  check_list(in_config, "config$credentials", call)
  settings <- c(settings, flat_credentials(in_config, credentials, call))
  warn_idle(config, credentials, settings, call)
  settings$sts_regional_endpoint <- NULL
  settings
}

# paws' helpers make lists of a class of their own.
plain_list <- function(x) {
  if (inherits(x, "struct")) {
    x <- unclass(x)
  }
  if (is.list(x) && !is.object(x)) {
    x[] <- lapply(x, plain_list)
  }
  x
}

check_list <- function(x, where, call) {
  if (!is.list(x) || is.data.frame(x) || is.object(x)) {
    stop_config(where, gettextf("`%s` must be a list, not %s.", where, what_is(x)), call)
  }
  if (length(x) > 0 && !has_names(x)) {
    stop_config(where, gettextf("All members of `%s` must have names.", where), call)
  }
}

check_names <- function(x, known, idle, where, call) {
  unknown <- setdiff(names(x), c(known, idle))
  if (length(unknown) > 0) {
    stop_config(unknown[1], unknown_name(unknown[1], known, where), call)
  }
  if (anyDuplicated(names(x))) {
    twice <- names(x)[duplicated(names(x))][1]
    stop_config(twice, gettextf("`%s` has `%s` twice.", where, twice), call)
  }
}

# Checks one setting. NULL and, as in paws, an empty string are "not given".
check_setting <- function(x, type, name, call) {
  if (is.null(x) || identical(x, "")) {
    return(NULL)
  }
  good <- switch(
    type,
    string = is_string(x) && is_text(x),
    flag = is.logical(x) && length(x) == 1 && !is.na(x),
    seconds = is_number(x) && x >= 0.001 && x <= 1e9,
    count = is_number(x) && x >= 0 && x == round(x) && x < 2^31
  )
  if (!good) {
    message <- switch(
      type,
      string = gettextf("`%s` must be a string of valid text, not %s.", name, what_is(x)),
      flag = gettextf("`%s` must be TRUE or FALSE, not %s.", name, shown(x)),
      seconds = gettextf(
        "`%s` must be a number of seconds from %s to %s, not %s.",
        name,
        0.001,
        "1e9",
        shown(x)
      ),
      count = gettextf("`%s` must be a whole number of at least %s, not %s.", name, 0, shown(x))
    )
    stop_config(name, message, call)
  }
  switch(type, string = enc2utf8(as.vector(x)), seconds = as.double(x), count = as.double(x), x)
}

# paws documents `timeout` and calls it `connect_timeout`: both are taken.
merge_timeout <- function(settings, call) {
  timeout <- settings$timeout
  settings$timeout <- NULL
  if (is.null(timeout)) {
    return(settings)
  }
  if (!is.null(settings$connect_timeout) && settings$connect_timeout != timeout) {
    message <- gettextf(
      "`%s` and `%s` are two names of one setting and differ.",
      "timeout",
      "connect_timeout"
    )
    stop_config("timeout", message, call)
  }
  settings$connect_timeout <- timeout
  settings
}

# Keys are merged field by field, as in paws: what is in `credentials` wins.
flat_credentials <- function(in_config, shortcut, call) {
  settings <- list()
  keys <- list()
  for (where in c("config$credentials", "credentials")) {
    given <- if (where == "credentials") shortcut else in_config
    check_names(given, c("creds", "profile", "anonymous"), character(), where, call)
    profile <- check_setting(given$profile, "string", "profile", call)
    anonymous <- check_setting(given$anonymous, "flag", "anonymous", call)
    settings$profile <- if (is.null(profile)) settings$profile else profile
    settings$anonymous <- if (is.null(anonymous)) settings$anonymous else anonymous
    if (is.function(given$creds)) {
      settings$get_keys <- given$creds
      keys <- list()
    } else if (!is.null(given$creds)) {
      settings$get_keys <- NULL
      creds <- paste0(where, "$creds")
      given <- check_keys(given$creds, creds, call)
      keys[names(given)] <- given
    }
  }
  c(settings, complete_keys(keys, call))
}

# The keys that are given in a list.
check_keys <- function(creds, where, call) {
  check_list(creds, where, call)
  check_names(creds, key_names, idle_key_names, where, call)
  keys <- lapply(key_names, function(name) check_setting(creds[[name]], "string", name, call))
  names(keys) <- key_names
  Filter(Negate(is.null), keys)
}

complete_keys <- function(keys, call) {
  if (length(keys) > 0) {
    missing <- setdiff(c("access_key_id", "secret_access_key"), names(keys))
    if (length(missing) > 0) {
      stop_config(missing[1], gettextf("`creds` needs `%s`, too.", missing[1]), call)
    }
  }
  keys
}

# Gives the keys that native code asks for, from the user's function. It is called on R's thread, while others wait.
supply_keys <- function(handle, call) {
  if (is.null(handle$get_keys) || !client_wants_keys(handle$client)) {
    return(invisible())
  }
  if (isTRUE(handle$is_asking)) {
    stop_credentials(gettext("the function `creds` makes a call with the client that it gives keys to"), call)
  }
  handle$is_asking <- TRUE
  # What waits for keys must not wait on if the function is left by Ctrl-C or another jump.
  given <- list(reason = gettext("the function `creds` did not return"))
  on.exit({
    handle$is_asking <- FALSE
    client_give_keys(handle$client, given)
  })
  given <- tryCatch(
    keys_from(handle$get_keys, call),
    rekognition_config_error = function(e) list(setting = e$setting, reason = short_message(e)),
    error = function(e) list(reason = gettextf("the function `creds` failed: %s", conditionMessage(e)))
  )
  invisible()
}

# The keys that the user's function gives.
keys_from <- function(get_keys, call) {
  creds <- plain_list(get_keys())
  keys <- complete_keys(check_keys(creds, "creds()", call), call)
  if (length(keys) == 0) {
    return(list(reason = gettext("the function `creds` gave no keys")))
  }
  keys$expiration <- check_expiration(creds$expiration, call)
  keys
}

# Seconds since 1970, or text that native code reads as a time. In paws' lists Inf is "not known".
check_expiration <- function(x, call) {
  if (is.null(x) || identical(x, "") || identical(x, Inf)) {
    return(NULL)
  }
  if (inherits(x, "POSIXt") && length(x) == 1 && is.finite(as.POSIXct(x))) {
    return(as.double(as.POSIXct(x)))
  }
  if (!is_string(x)) {
    message <- gettextf(
      "`%s` must be a POSIXct or a string such as \"2026-12-31T23:59:59Z\", not %s.",
      "expiration",
      what_is(x)
    )
    stop_config("expiration", message, call)
  }
  enc2utf8(x)
}

# One warning for settings of paws that do nothing here. paws' own defaults are no wish of anybody's.
warn_idle <- function(config, credentials, settings, call) {
  is_wish <- function(x) {
    !is.null(x) && !identical(x, "") && !identical(x, FALSE) && !identical(x, Inf)
  }
  creds <- c(config$credentials$creds, credentials$creds)
  creds <- if (is.list(creds)) Filter(Negate(is.function), creds)
  idle <- c(
    Filter(function(name) is_wish(config[[name]]), idle_settings),
    Filter(function(name) any(vapply(creds[names(creds) == name], is_wish, NA)), idle_key_names)
  )
  # The regional endpoint of STS is the only one that the SDK uses.
  sts <- settings$sts_regional_endpoint
  if (!is.null(sts) && sts != "regional") {
    idle <- c(idle, "sts_regional_endpoint")
  }
  if (length(idle) > 0) {
    names <- paste0("`", idle, "`", collapse = ", ")
    message <- sprintf(
      ngettext(
        length(idle),
        "%s has no meaning here and is ignored.",
        "%s have no meaning here and are ignored."
      ),
      names
    )
    warning(simpleWarning(message, call))
  }
}
