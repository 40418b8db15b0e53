# Configuration lists become one flat list of checked settings.

# The supported settings and their types.
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

# Settings of paws that are accepted and ignored.
ignored_settings <- c(
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

# The flat list for native code, with the settings that are given.
flat_settings <- function(config, credentials, endpoint, region, call) {
  config <- plain_list(if (is.null(config)) list() else config)
  credentials <- plain_list(if (is.null(credentials)) list() else credentials)
  check_list(config, "config", call)
  check_list(credentials, "credentials", call)
  check_names(config, c("credentials", names(setting_types)), ignored_settings, "config", call)
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
  warn_ignored(config, credentials, settings, call)
  settings$sts_regional_endpoint <- NULL
  settings
}

# paws documents `timeout` and calls it `connect_timeout`: both are accepted.
merge_timeout <- function(settings, call) {
  timeout <- settings$timeout
  settings$timeout <- NULL
  if (is.null(timeout)) {
    return(settings)
  }
  if (!is.null(settings$connect_timeout) && settings$connect_timeout != timeout) {
    message <- gettextf(
      "`%s` and `%s` are the same setting and must not differ.",
      "timeout",
      "connect_timeout"
    )
    stop_config("timeout", message, call)
  }
  settings$connect_timeout <- timeout
  settings
}

# One warning for all ignored settings. Those with the default of paws count as not set.
warn_ignored <- function(config, credentials, settings, call) {
  is_set <- function(x) {
    !is.null(x) && !identical(x, "") && !identical(x, FALSE) && !identical(x, Inf)
  }
  creds <- c(config$credentials$creds, credentials$creds)
  creds <- if (is.list(creds)) Filter(Negate(is.function), creds)
  ignored <- c(
    Filter(function(name) is_set(config[[name]]), ignored_settings),
    Filter(function(name) any(vapply(creds[names(creds) == name], is_set, NA)), ignored_key_names)
  )
  # The regional endpoint of STS is the only one that the SDK uses.
  sts <- settings$sts_regional_endpoint
  if (!is.null(sts) && sts != "regional") {
    ignored <- c(ignored, "sts_regional_endpoint")
  }
  if (length(ignored) > 0) {
    names <- paste0("`", ignored, "`", collapse = ", ")
    message <- sprintf(
      ngettext(
        length(ignored),
        "%s is not supported and is ignored.",
        "%s are not supported and are ignored."
      ),
      names
    )
    warning(simpleWarning(message, call))
  }
}
