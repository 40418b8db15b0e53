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
