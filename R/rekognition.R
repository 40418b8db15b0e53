# The client: a handle that looks like a list of the operations.

#' A client for Amazon Rekognition
#'
#' Creates a client. This sends nothing: only operations use the network. The signature and the configuration lists are
#' those of `paws::rekognition()`.
#'
#' @section Settings:
#' In addition to `credentials`, `config` accepts:
#'
#' \describe{
#'   \item{`endpoint`}{String: URL to send requests to, such as `"http://127.0.0.1:8080"`. Default: the service's endpoint
#'     in the region.}
#'   \item{`region`}{String: AWS region. For the default see below.}
#'   \item{`connect_timeout`}{Seconds: limit for connecting to the server, TLS included. Default: 10. `timeout` is an
#'     alias.}
#'   \item{`read_timeout`}{Seconds: limit for a period in which the server sends nothing. Default: 60.}
#'   \item{`operation_timeout`}{Seconds: limit for the whole operation, retries included. Default: 180.}
#'   \item{`max_retries`}{Count: maximum number of retries after a failed request; 0 turns retries off. Default: 3.}
#'   \item{`retry_mode`}{String: `"standard"` or `"adaptive"`. Default: `"standard"`.}
#'   \item{`close_connection`}{Flag: ask the server to close the connection after each response. Default: `FALSE`.}
#'   \item{`ca_bundle`}{Path: PEM file with certificates to trust in addition to the system's.}
#'   \item{`proxy`}{URL of an HTTP or HTTPS proxy, with user name and password if required. Hosts in `NO_PROXY`, this
#'     machine and metadata services are reached directly.}
#'   \item{`use_fips`, `use_dualstack`}{Flag: use these variants of the service's endpoint. Default: `FALSE`. With
#'     `use_fips`, roles and SSO require that `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL_SSO` and
#'     `AWS_ENDPOINT_URL_SSO_OIDC` name their FIPS endpoints; other endpoints are an error.}
#'   \item{`app_name`}{String: name of your application in the user agent.}
#'   \item{`sts_regional_endpoint`}{String, as in paws. Only `"regional"`, the default, is supported.}
#' }
#'
#' `credentials` accepts `creds` (a list of `access_key_id`, `secret_access_key` and, for temporary keys,
#' `session_token`; or a function that returns such a list, see [rekognition_credentials]), `profile` (the name of a
#' profile in the shared files) and `anonymous` (`TRUE`: send unsigned requests). `NULL` and `""` mean "not given".
#' Other settings of paws are ignored with a warning.
#'
#' Arguments take precedence over the environment, and the environment over the shared files. Settings that are not
#' given are looked up in the same places as by other AWS tools: `AWS_REGION`, `AWS_DEFAULT_REGION`, `AWS_PROFILE`,
#' `AWS_ENDPOINT_URL_REKOGNITION`, `AWS_ENDPOINT_URL`, `AWS_MAX_ATTEMPTS`, `AWS_RETRY_MODE`, `AWS_CA_BUNDLE`,
#' `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`, `AWS_SDK_UA_APP_ID`, `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`,
#' `NO_PROXY` (in upper or lower case), and the files `~/.aws/config` and `~/.aws/credentials` (or those that
#' `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name). On Windows, `.aws` is looked up in `USERPROFILE` first, as
#' by other AWS tools, then in `HOME`. Credentials come from the environment, a profile (keys, SSO,
#' `credential_process`, assumed roles), a web identity, or the metadata service of a container or an instance, and are
#' renewed from the same source: see [rekognition_credentials]. A `profile` argument is used even if the environment
#' contains keys.
#'
#' Entries of `NO_PROXY` are separated by commas or spaces. They are host names (which include their subdomains), IP
#' addresses, ranges such as `10.0.0.0/8`, or `*` for all hosts; an entry with a port applies to that port only. SOCKS
#' proxies are not supported: requests that would use one fail, others do not.
#'
#' Functions without a client use a default client, made by `rekognition()` without arguments: see
#' [rekognition_default()].
#'
#' @section The client object:
#' A client has a function for each operation of the service: `names(svc)` lists them, and `svc$` completes their names.
#' They are ordinary functions: they can be passed to `lapply()`, assigned to a variable and used in a pipe. A name that is
#' not an operation is an error. A client can be sent to another process or read from a file, and connects again there.
#'
#' `saveRDS()`, and every way to send a client to another process, stores the arguments of `rekognition()`, keys
#' included: they are required to connect again. Nothing from the environment, a file or a role is stored. To store no
#' keys, name a profile, use the environment, or pass a function as `creds` that fetches the keys, for example from a
#' keyring. The function is stored with its environment, so it must not contain the keys, and is called in each process
#' that uses the client.
#'
#' @param config List of settings: see below.
#' @param credentials List of credentials; overrides `config$credentials`, field by field.
#' @param endpoint String; overrides `config$endpoint`.
#' @param region String; overrides `config$region`.
#' @return A client of class `rekognition_client`. `svc$<operation>(...)` is the same function as
#'   `rekognition_<operation>(...)` on this client: see [rekognition_operations].
#'
#' Raises `rekognition_config_error` for an invalid setting, whatever its source. Problems that take time or the network
#' to find are raised by the first call: no region, no credentials, or an unusable CA bundle. See
#' [rekognition_conditions].
#' @section Limits:
#' A response can have up to 12 MiB (eight times the largest response of the service), 64 KiB of headers, a million JSON
#' values and 128 levels of nesting. A larger or compressed response is a `rekognition_response_error`.
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
#' # On AWS, with credentials from the environment, a profile or a role. Nothing is sent before a call.
#' svc <- rekognition(region = "us-east-1")
rekognition <- function(config = list(), credentials = list(), endpoint = NULL, region = NULL) {
  # The arguments may be secrets: conditions do not show them.
  call <- user_call(sys.call(), hide_args = TRUE)
  settings <- flat_settings(config, credentials, endpoint, region, call)
  new_client(new_handle(settings, call))
}

new_client <- function(handle) {
  structure(list(handle = handle), class = "rekognition_client")
}

#' @export
names.rekognition_client <- function(x) {
  names(operation_arguments)
}

#' @export
length.rekognition_client <- function(x) {
  length(operation_arguments)
}

#' @export
`$.rekognition_client` <- function(x, name) {
  if (is.null(operation_makers[[name]])) {
    check_operation_name(name, sys.call())
  }
  client_operation(x, name)
}

#' @export
`[[.rekognition_client` <- function(x, i, ...) {
  name <- if (is_number(i) && i %in% seq_along(operation_arguments)) names(operation_arguments)[i] else i
  client_operation(x, check_operation_name(name, sys.call()))
}

#' @export
`[.rekognition_client` <- function(x, i) {
  if (is.character(i)) {
    lapply(i, check_operation_name, sys.call())
  }
  as.list(x)[i]
}

#' @export
as.list.rekognition_client <- function(x, ...) {
  lapply(stats::setNames(nm = names(x)), client_operation, svc = x)
}

#' @export
with.rekognition_client <- function(data, expr, ...) {
  eval(substitute(expr), as.list(data), parent.frame())
}

#' @rawNamespace S3method(utils::.DollarNames, rekognition_client)
.DollarNames.rekognition_client <- function(x, pattern = "") {
  grep(pattern, names(x), value = TRUE)
}

#' @export
format.rekognition_client <- function(x, ...) {
  client <- describe_handle(handle_of(x), NULL)
  region <- if (is.na(client$region)) gettext("not set") else with_source(client$region, client$region_source)
  endpoint <- if (is.na(client$endpoint)) {
    gettext("regional default")
  } else {
    with_source(client$endpoint, client$endpoint_source)
  }
  c(
    "<Amazon Rekognition>",
    clean_text(c(
      paste("region:     ", region),
      paste("endpoint:   ", endpoint),
      paste("credentials:", client$credentials)
    )),
    gettextf(
      "operations:  %d, such as $%s(); names() lists them",
      length(operation_arguments),
      "get_face_liveness_session_results"
    )
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
