# The service object: closures over a handle that holds the settings and the native client.

#' A client for Amazon Rekognition Face Liveness
#'
#' Makes a client. Nothing is sent: the network is used by the operations only. The signature and the
#' configuration lists are those of `paws::rekognition()`.
#'
#' @section Settings:
#' `config` takes, besides `credentials`:
#'
#' \describe{
#'   \item{`endpoint`}{String, by default the service's: where requests go, such as
#'     `"http://127.0.0.1:8080"`.}
#'   \item{`region`}{String, see below: AWS region.}
#'   \item{`connect_timeout`}{Seconds, by default 10: to reach the server, TLS included; `timeout` is the
#'     same.}
#'   \item{`read_timeout`}{Seconds, by default 60: longest silence of the server.}
#'   \item{`operation_timeout`}{Seconds, by default 180: for the whole operation, retries included.}
#'   \item{`max_retries`}{Count, by default 3: requests that may follow a failed one; 0 turns retries off.}
#'   \item{`retry_mode`}{String, by default `"standard"`: `"standard"` or `"adaptive"`.}
#'   \item{`close_connection`}{Flag, by default `FALSE`: ask the server to close the connection after each
#'     answer.}
#'   \item{`ca_bundle`}{Path: PEM file with certificates to trust beside the system's.}
#'   \item{`proxy`}{URL of an http or https proxy, with user and password if it needs them. Hosts in `NO_PROXY`, this
#'     machine and metadata services are reached without it.}
#'   \item{`use_fips`, `use_dualstack`}{Flag, by default `FALSE`: variants of the service's endpoint. With `use_fips`, roles
#'   and SSO need `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL_SSO` and `AWS_ENDPOINT_URL_SSO_OIDC` to name their FIPS endpoints; others
#'   are refused.}
#'   \item{`app_name`}{String: name of your application in the user agent.}
#'   \item{`sts_regional_endpoint`}{String, by default `"regional"`: accepted as in paws.}
#' }
#'
#' `credentials` takes `creds` (a list of `access_key_id`, `secret_access_key` and, for temporary keys,
#' `session_token`; or a function that returns such a list, see [rekognition_credentials]), `profile` (a profile of the shared files) and
#' `anonymous` (`TRUE`: send requests unsigned). `NULL` and `""` mean "not given". Other settings of paws are
#' accepted with a warning that they do nothing here.
#'
#' What is given in the call wins over the environment, and the environment over the shared files. Not
#' given, settings come from where every AWS tool finds them: `AWS_REGION`, `AWS_DEFAULT_REGION`,
#' `AWS_PROFILE`, `AWS_ENDPOINT_URL_REKOGNITION`, `AWS_ENDPOINT_URL`, `AWS_MAX_ATTEMPTS`, `AWS_RETRY_MODE`,
#' `AWS_CA_BUNDLE`, `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`, `AWS_SDK_UA_APP_ID`,
#' `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` (in capitals or not), and the files `~/.aws/config`
#' and `~/.aws/credentials` (or those that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name). On Windows
#' `.aws` is a folder of the user's profile, `USERPROFILE`, as for every AWS tool, before it is one of `HOME`.
#' Credentials come from the environment, a profile (keys, SSO, `credential_process`, assumed roles), a web
#' identity, or the metadata of a container or an instance, and are renewed from there: see [rekognition_credentials]. A
#' profile that is named in the call is used even where the environment holds keys.
#'
#' Entries of `NO_PROXY`, separated by commas or blanks, are host names (which include their subdomains), IP addresses, ranges
#' such as `10.0.0.0/8`, or `*` for every host; an entry with a port is for that port only. SOCKS proxies are not supported:
#' only requests that would go through one fail.
#'
#' Functions that are given no client use the one that `rekognition()` makes without arguments: see [rekognition_default()].
#'
#' @section The client object:
#' A list with the operations as functions. They are ordinary functions: they can be passed to `lapply()`,
#' kept in a variable and used in a pipe. A client can be sent to another process and read back from a
#' file; it then connects anew.
#'
#' `saveRDS()`, and every other way to another process, stores what was given in the call, keys included: they are
#' needed to make the client again. Nothing that came from the environment, a file or a role is stored. To store
#' no keys, name a profile, use the environment, or give `creds` as a function that fetches them, for example from a
#' keyring: the function is stored (with its environment, so it must not hold the keys itself) and called in each process that
#' uses the client.
#'
#' @param config List of settings: see below.
#' @param credentials List of credentials; wins over `config$credentials`, field by field.
#' @param endpoint String; wins over `config$endpoint`.
#' @param region String; wins over `config$region`.
#' @return A client of class `rekognition_client`: a list with the functions
#'   `get_face_liveness_session_results(SessionId)`, see [rekognition_get_face_liveness_session_results()],
#'   and `create_face_liveness_session(KmsKeyId, Settings, ClientRequestToken)`, see
#'   [rekognition_create_face_liveness_session()].
#'
#' Raises `rekognition_config_error` for a bad setting, wherever it came from. What needs the network or takes
#' time is found at the first call: that no region is set, that there are no credentials, that the CA bundle
#' cannot be used. See [rekognition_conditions].
#' @section Limits:
#' A response may have 12 MiB (eight times the largest that the service gives), 64 KiB of headers, a million JSON
#' values and 128 levels of nesting. One that has more, or that is compressed, is a `rekognition_response_error`.
#'
#' @references
#' [AWS SDKs and Tools Reference Guide](https://docs.aws.amazon.com/sdkref/latest/guide/overview.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' svc
#' svc$create_face_liveness_session()
#' emulator$stop()
#'
#' # On AWS, with credentials from the environment, a profile or a role. Nothing is sent before an
#' # operation is called.
#' svc <- rekognition(region = "us-east-1")
rekognition <- function(config = list(), credentials = list(), endpoint = NULL, region = NULL) {
  # The arguments may hold secrets: they are not shown in conditions.
  call <- user_call(sys.call(), hide_args = TRUE)
  settings <- flat_settings(config, credentials, endpoint, region, call)
  new_client(new_handle(settings, call))
}

# The closures see the handle and nothing else: what they see is saved with the client.
new_client <- function(handle) {
  force(handle)
  structure(
    list(
      create_face_liveness_session = function(KmsKeyId = NULL, Settings = NULL, ClientRequestToken = NULL) {
        create_session(handle, KmsKeyId, Settings, ClientRequestToken, user_call(sys.call()))
      },
      get_face_liveness_session_results = function(SessionId) {
        get_session_results(handle, SessionId, user_call(sys.call()))
      }
    ),
    class = "rekognition_client"
  )
}

#' @export
format.rekognition_client <- function(x, ...) {
  client <- describe_handle(handle_of(x), NULL)
  region <- if (is.na(client$region)) gettext("not set") else with_source(client$region, client$region_source)
  endpoint <- if (is.na(client$endpoint)) {
    gettext("of the region")
  } else {
    with_source(client$endpoint, client$endpoint_source)
  }
  c(
    "<Amazon Rekognition Face Liveness>",
    clean_text(c(
      paste("region:     ", region),
      paste("endpoint:   ", endpoint),
      paste("credentials:", client$credentials)
    )),
    paste0("operations:  ", paste0("$", names(x), "()", collapse = ", "))
  )
}

#' @export
print.rekognition_client <- function(x, ...) {
  check_print_dots(list(...), character(), quote(print(...)))
  writeLines(format(x))
  invisible(x)
}

#' @export
str.rekognition_client <- function(object, ...) {
  cat("", paste0(format(object), "\n"))
  invisible()
}
