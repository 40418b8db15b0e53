# Where keys come from: those in the call, and a function that gives them.

#' Where credentials come from
#'
#' A client takes its credentials from the first of these that is set up:
#'
#' 1. the call: keys or a function in `creds`, a `profile`, or `anonymous = TRUE`, see [rekognition()];
#' 2. the environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`;
#' 3. the profile that `AWS_PROFILE` or `AWS_DEFAULT_PROFILE` names, else `[default]`, in the shared config and
#'   credentials files;
#' 4. a web identity: `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`;
#' 5. the agent of a container (ECS, EKS Pod Identity);
#' 6. the metadata service of an instance (EC2).
#'
#' If both `creds` and `profile` are given, `creds` provides the keys and the profile the other settings, such as the region.
#'
#' A source that is set up and cannot be used is an error, and the next source is never tried instead: half a pair of keys,
#' a login that has expired, a role that cannot be assumed. It is a `rekognition_credentials_error`; a file that cannot be
#' read, a profile that does not exist, and a value of a `creds` function that is not valid are a
#' `rekognition_config_error`.
#'
#' Within a profile the order is that of the AWS CLI: `web_identity_token_file` with `role_arn`, `role_arn` with
#' `source_profile` or `credential_source`, IAM Identity Center (`sso_session`, or `sso_start_url` and `sso_region`), keys of the
#' credentials file, `credential_process`, keys of the config file. Roles are assumed with their `external_id`,
#' `role_session_name` and `duration_seconds`.
#'
#' Two kinds of profile are not supported, and an error says so:
#'
#' - A role with an `mfa_serial` requires an MFA code, which this package does not ask for. Run
#'   `aws configure export-credentials --profile <name> --format env` and set these variables.
#' - A profile of `aws login` (`login_session`) needs a newer version of the SDK. Add
#'   `credential_process = aws configure export-credentials --profile <name> --format process` to another profile, and
#'   use that one.
#'
#' @section Profiles:
#' Examples of `~/.aws/config`, for `rekognition(credentials = list(profile = "work"))`:
#'
#' ```
#' [profile work]
#' region = eu-west-1
#' sso_session = corp
#' sso_account_id = 111122223333
#' sso_role_name = Reviewer
#'
#' [sso-session corp]
#' sso_region = eu-west-1
#' sso_start_url = https://corp.awsapps.com/start
#'
#' [profile audit]
#' role_arn = arn:aws:iam::111122223333:role/Audit
#' source_profile = work
#'
#' [profile vault]
#' credential_process = /usr/local/bin/fetch-keys --json
#' ```
#'
#' @section Renewal:
#' Temporary credentials are renewed from the same source without a new client: five minutes before they expire (or in
#' the last quarter of a shorter life), if it is known when; and once, with one more request, after the service has
#' called them expired or unknown (`ExpiredTokenException`, `UnrecognizedClientException`). Files are read again, a
#' command is run again, a role is assumed again. Calls that run at the same time renew them once.
#'
#' Keys that are given as text in the call cannot be renewed. Give a function instead: `creds = function() ...` is called
#' at the first call, and again when keys are to be renewed, also in the middle of a batch or a promise. It runs on R's
#' own thread while the calls wait, and returns a list of `access_key_id`, `secret_access_key`, and for temporary keys
#' `session_token` and, if it is known, `expiration` (a POSIXct, or a string such as `"2026-12-31T23:59:59Z"`). If it
#' fails, that is one `rekognition_credentials_error`, also for a batch. It must not use the client that it gives keys to.
#'
#' @section The shared files:
#' Every file that the AWS CLI reads is read in the same way, and some that it does not read (see the table): properties may
#' be indented, comments may stand on any line of their own. In the config file a name with spaces is quoted,
#' `[profile "my work"]`; in the credentials file it is not. A line that cannot be read is an error, with file and line, for
#' the profile that it belongs to. `~` is the user's home folder, also where `HOME` is not set. A file that `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE` names must be
#' there, and a file that is there must be readable.
#'
#' @section Where this package and boto3 differ:
#' The tests compare both in more than a thousand combinations of files and variables, by what arrives at a server. These
#' are the differences, beside the two kinds of profile that are not supported.
#'
#' | | boto3 | this package |
#' |---|---|---|
#' | half a key pair | A secret access key without an access key id is ignored, and the next source is used. | An error, in the environment and in each file; also where the two files have one half each. |
#' | `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN` | Used before the selected profile, unless that assumes a role with `source_profile` or `credential_source`; they also fill in what its web identity settings leave out. | A profile with credentials is used before them, and must be complete. |
#' | a profile named in the call, without credentials | The role of the container or instance is used. | An error. (With `AWS_PROFILE` both use the role.) |
#' | `AWS_REGION` | Ignored. | Comes before `AWS_DEFAULT_REGION`. |
#' | no region | An error. | The region of the instance, where there is one. |
#' | `AWS_DEFAULT_PROFILE` | Comes before `AWS_PROFILE`. | Comes after `AWS_PROFILE`. |
#' | `AWS_SECURITY_TOKEN`, `aws_security_token` | Come before `AWS_SESSION_TOKEN` and `aws_session_token`. | Used only where these are not set. |
#' | empty values | Can be taken as an empty name of a profile, file or region; an empty endpoint is ignored. | Treated as not set; an empty endpoint is an error. |
#' | `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE` names no file, or a folder | Ignored. | An error. |
#' | `services = name` without such a section | An error, unless a variable sets the endpoint. | Always an error. |
#' | `duration_seconds` that is not a number, `ignore_configured_endpoint_urls` that is not `true` or `false` | Ignored. | An error. |
#' | ` # comment` or ` ; comment` after a value | Part of the value. | A comment, except in a `credential_process`. |
#' | a `credential_process` with `$`, `;` and the like | Not run by a shell: they are passed on as they are. | Run by a shell, as by the AWS SDK for Rust. |
#' | a section or a property twice | The file is an error. | Sections are merged, and the last value is used. |
#' | a line that cannot be read | The file is an error. | An error for its own profile only. |
#' | spaces next to the brackets of a header, a byte order mark, `credential_source` in another letter case | Not accepted. | Accepted. |
#' | both `[default]` and `[profile default]` | The last one is used. | `[profile default]` is used. |
#'
#' @references
#' [Configuration and authentication](https://docs.aws.amazon.com/sdkref/latest/guide/creds-config-files.html) in the AWS
#' SDKs and Tools Reference Guide
#' @name rekognition_credentials
#' @seealso [rekognition()], [rekognition_sitrep()]
#' @examples
#' # Temporary keys that are renewed.
#' emulator <- rekognition_emulator()
#' fetch_keys <- function() emulator$credentials(expires_in = 900)$creds
#' svc <- rekognition(emulator$config, credentials = list(creds = fetch_keys))
#' id <- svc$create_face_liveness_session()$SessionId
#' emulator$advance(901)
#' svc$create_face_liveness_session()
#' emulator$requests()[c("operation", "status_code", "code")]
#' emulator$stop()
NULL

key_names <- c("access_key_id", "secret_access_key", "session_token")
idle_key_names <- c("access_token", "expiration", "provider_name")

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
  check_names(creds, c(key_names, if (where == "creds()") "expiration"), idle_key_names, where, call)
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
  if (is.null(handle$get_keys) || !client_needs_keys(handle$client)) {
    return(invisible())
  }
  if (isTRUE(handle$is_asking)) {
    stop_plain(gettext("it makes a call with the client that it gives keys to"), call)
  }
  handle$is_asking <- TRUE
  # A function that is left by Ctrl-C or another jump has not answered: whatever else waits for keys asks again.
  given <- NULL
  on.exit({
    handle$is_asking <- FALSE
    if (is.null(given)) {
      client_repeat_key_request(handle$client)
    } else {
      client_provide_keys(handle$client, given)
    }
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
