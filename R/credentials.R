# Credentials: keys in the call, and functions that supply keys.

#' Where credentials come from
#'
#' A client takes its credentials from the first of these sources that is configured:
#'
#' 1. the call: keys or a function in `creds`, a `profile`, or `anonymous = TRUE`, see [rekognition()];
#' 2. the environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`;
#' 3. the profile that `AWS_PROFILE` or `AWS_DEFAULT_PROFILE` names, else `[default]`, in the shared config and
#'   credentials files;
#' 4. a web identity: `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`;
#' 5. the agent of a container (ECS, EKS Pod Identity);
#' 6. the metadata service of an instance (EC2).
#'
#' If both `creds` and `profile` are given, `creds` provides the keys and the profile the other settings, such as the
#' region.
#'
#' A source that is configured but not usable is an error, and later sources are not tried: an incomplete key pair, an
#' expired login, a role that cannot be assumed. The error is a `rekognition_credentials_error`. An unreadable file, a
#' profile that does not exist, and an invalid value of a `creds` function are a `rekognition_config_error`.
#'
#' Within a profile, the order is that of the AWS CLI: `web_identity_token_file` with `role_arn`, `role_arn` with
#' `source_profile` or `credential_source`, IAM Identity Center (`sso_session`, or `sso_start_url` and `sso_region`),
#' keys in the credentials file, `credential_process`, keys in the config file. Roles are assumed with their
#' `external_id`, `role_session_name` and `duration_seconds`.
#'
#' Two kinds of profile are not supported and are an error:
#'
#' - A role with an `mfa_serial` requires an MFA code, and this package does not ask for one. Run
#'   `aws configure export-credentials --profile <name> --format env` and set the variables that it prints.
#' - A profile of `aws login` (`login_session`) requires a newer version of the SDK. Add
#'   `credential_process = aws configure export-credentials --profile <name> --format process` to another profile, and
#'   use that profile.
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
#' Temporary credentials are renewed from the same source, without a new client: five minutes before they expire (or in
#' the last quarter of a shorter lifetime), if the expiration is known; and once, with one more request, after the
#' service has reported them as expired or unknown (`ExpiredTokenException`, `UnrecognizedClientException`). Files are
#' read again, commands are run again, roles are assumed again. Concurrent calls share one renewal.
#'
#' Keys given as text in the call cannot be renewed. Pass a function instead: `creds = function() ...` is called by the
#' first call, and again when keys must be renewed, also during a batch or a promise. It runs on R's thread while the
#' calls wait, and returns a list of `access_key_id`, `secret_access_key`, and for temporary keys `session_token` and,
#' if known, `expiration` (a POSIXct, or a string such as `"2026-12-31T23:59:59Z"`). If it fails, this raises one
#' `rekognition_credentials_error`, even for a batch. It must not use the client that it supplies keys for.
#'
#' @section The shared files:
#' Files that the AWS CLI reads are read in the same way, and so are some that it rejects (see the table below). Properties
#' can be indented, and comments can be on lines of their own. In the config file a name with spaces is quoted,
#' `[profile "my work"]`; in the credentials file it is not. An invalid line is an error for the profile that it belongs
#' to, with file and line number. `~` is the user's home folder, even if `HOME` is not set. A file that
#' `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE` names must exist, and a file that exists must be readable.
#'
#' @section Where this package and boto3 differ:
#' The tests compare both in more than a thousand combinations of files and variables, by the requests that a server
#' receives. These are the differences, in addition to the two kinds of profile that are not supported.
#'
#' | | boto3 | this package |
#' |---|---|---|
#' | an incomplete key pair | A secret access key without an access key ID is ignored, and the next source is used. | An error, in the environment and in each file; also if each file has one of the two keys. |
#' | `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN` | Used before the selected profile, unless that assumes a role with `source_profile` or `credential_source`; they also complete its web identity settings. | A profile with credentials is used before them, and must be complete. |
#' | a profile named in the call, without credentials | The role of the container or instance is used. | An error. (With `AWS_PROFILE`, both use the role.) |
#' | `AWS_REGION` | Ignored. | Takes precedence over `AWS_DEFAULT_REGION`. |
#' | no region | An error. | The region of the instance, if there is one. |
#' | `AWS_DEFAULT_PROFILE` | Takes precedence over `AWS_PROFILE`. | `AWS_PROFILE` takes precedence. |
#' | `AWS_SECURITY_TOKEN`, `aws_security_token` | Take precedence over `AWS_SESSION_TOKEN` and `aws_session_token`. | Used only if these are not set. |
#' | empty values | Can be used as an empty name of a profile, file or region; an empty endpoint is ignored. | Treated as not set; an empty endpoint is an error. |
#' | `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE` names no file, or a folder | Ignored. | An error. |
#' | `services = name` without such a section | An error, unless a variable sets the endpoint. | Always an error. |
#' | `duration_seconds` that is not a number, `ignore_configured_endpoint_urls` that is not `true` or `false` | Ignored. | An error. |
#' | ` # comment` or ` ; comment` after a value | Part of the value. | A comment, except in a `credential_process`. |
#' | a `credential_process` with `$`, `;` and the like | Run without a shell: these characters are passed on as they are. | Run by a shell, as by the AWS SDK for Rust. |
#' | a duplicate section or property | The file is an error. | Sections are merged, and the last value is used. |
#' | an invalid line | The file is an error. | An error for its own profile only. |
#' | spaces next to the brackets of a header, a byte order mark, `credential_source` in another letter case | Not accepted. | Accepted. |
#' | both `[default]` and `[profile default]` | The last one is used. | `[profile default]` is used. |
#'
#' @references
#' [Configuration and authentication](https://docs.aws.amazon.com/sdkref/latest/guide/creds-config-files.html) in the AWS
#' SDKs and Tools Reference Guide
#' @name rekognition_credentials
#' @seealso [rekognition()], [rekognition_sitrep()]
#' @examples
#' # Temporary keys, renewed by a function.
#' emulator <- rekognition_emulator()
#' fetch_keys <- function() emulator$credentials(expires_in = 900)$creds
#' svc <- rekognition(emulator$config, credentials = list(creds = fetch_keys))
#' id <- svc$create_face_liveness_session()$SessionId
#' emulator$advance(901)
#' svc$create_face_liveness_session()
#' emulator$requests()[c("operation", "status_code", "code")]
#' emulator$stop()
NULL

# Keys are merged field by field, as in paws; `credentials` takes precedence over `config$credentials`.
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

# Calls the user's function if native code waits for keys. R's thread calls it, between waits.
supply_keys <- function(handle, call) {
  if (is.null(handle$get_keys) || !client_needs_keys(handle$client)) {
    return(invisible())
  }
  if (isTRUE(handle$is_supplying_keys)) {
    stop_plain(gettext("A `creds` function must not use the client that it supplies keys for."), call)
  }
  handle$is_supplying_keys <- TRUE
  # After Ctrl-C or another jump out of the function there are no keys: other calls that wait for keys ask again.
  keys <- NULL
  on.exit({
    handle$is_supplying_keys <- FALSE
    if (is.null(keys)) {
      client_repeat_key_request(handle$client)
    } else {
      client_provide_keys(handle$client, keys)
    }
  })
  keys <- tryCatch(
    keys_from(handle$get_keys, call),
    rekognition_config_error = function(e) list(setting = e$setting, reason = short_message(e)),
    error = function(e) {
      message <- trimws(conditionMessage(e))
      list(
        reason = if (nzchar(message)) {
          gettextf("the function `creds` failed: %s", message)
        } else {
          gettext("the function `creds` failed without a message")
        }
      )
    }
  )
  invisible()
}

# The keys that the user's function returns, checked.
keys_from <- function(get_keys, call) {
  creds <- plain_list(get_keys())
  keys <- complete_keys(check_keys(creds, "creds()", call), call)
  if (length(keys) == 0) {
    return(list(reason = gettext("the function `creds` returned no keys")))
  }
  keys$expiration <- check_expiration(creds$expiration, call)
  keys
}
