# An emulator for one function or test, used by the default client.

#' An emulator for the rest of a function or test
#'
#' Starts an emulator as [rekognition_emulator()] does, and sets the environment variables that make the default client
#' (see [rekognition_default()]) use it: `AWS_ENDPOINT_URL_REKOGNITION`, `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL_S3`,
#' `AWS_REGION`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. Your own AWS configuration is not used: other variables that affect the default client (such
#' as `AWS_PROFILE`, `AWS_SESSION_TOKEN` and `AWS_MAX_ATTEMPTS`) are unset, and the shared files are replaced by empty
#' ones. When the function or test ends, the emulator is stopped and the variables are restored. Calls can be nested.
#'
#' Code under test needs no changes if it calls `rekognition_default()` or functions of this package without a client.
#' Processes that the test starts use the emulator as well.
#'
#' For all tests of a package, call `local_emulator(envir = testthat::teardown_env())` in `tests/testthat/setup.R`.
#'
#' @param ... Passed to [rekognition_emulator()], except `wait`.
#' @param envir Environment of the function or test; the emulator is stopped when it ends.
#' @return An object of class `rekognition_emulator`, see [rekognition_emulator()], whose conditions it raises.
#' @export
#' @examples
#' verdict <- function(id) liveness_results(id)$status
#'
#' test <- function() {
#'   emulator <- local_emulator()
#'   id <- rekognition_create_face_liveness_session()$SessionId
#'   emulator$check(id, status = "FAILED")
#'   stopifnot(verdict(id) == "FAILED")
#' }
#' test()
local_emulator <- function(..., envir = parent.frame()) {
  call <- user_call(sys.call())
  if (!is_running(envir) && !is_teardown(envir)) {
    stop_argument(
      "envir",
      gettextf(
        "`%s` must be called in a function or a test, or with its environment as `%s`. Elsewhere, use `%s` or wrap the code in `%s`.",
        "local_emulator()",
        "envir",
        "rekognition_emulator()",
        "local({ })"
      ),
      call
    )
  }
  if ("wait" %in% names(list(...))) {
    stop_argument("wait", gettextf("`%s` does not accept `%s`.", "local_emulator()", "wait"), call)
  }
  emulator <- rekognition_emulator(...)
  keys <- emulator$config$credentials$creds
  empty_file <- if (.Platform$OS.type == "windows") "NUL" else "/dev/null"
  variables <- c(
    AWS_ENDPOINT_URL_REKOGNITION = emulator$url,
    AWS_ENDPOINT_URL_STS = emulator$url,
    AWS_ENDPOINT_URL_S3 = emulator$url,
    AWS_REGION = emulator$config$region,
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key,
    AWS_CONFIG_FILE = empty_file,
    AWS_SHARED_CREDENTIALS_FILE = empty_file
  )
  unset <- c(
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_CA_BUNDLE",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_SDK_UA_APP_ID"
  )
  before <- Sys.getenv(c(names(variables), unset), unset = NA)
  restore <- function() {
    emulator$stop()
    Sys.unsetenv(names(before)[is.na(before)])
    for (name in names(before)[!is.na(before)]) {
      do.call(Sys.setenv, as.list(before[name]))
    }
  }
  at_end(restore, envir)
  do.call(Sys.setenv, as.list(variables))
  Sys.unsetenv(unset)
  emulator
}

# Registers a function to call when the function with this environment ends, before those that were registered earlier.
# If withr is installed, it keeps the list: before 3.0.0 it runs its own handlers, such as local_envvar()'s, after all
# others.
at_end <- function(f, envir) {
  if (requireNamespace("withr", quietly = TRUE)) {
    withr::defer(f(), envir)
  } else {
    do.call(base::on.exit, list(as.call(list(f)), TRUE, FALSE), envir = envir)
  }
}

is_running <- function(envir) {
  !identical(envir, globalenv()) && any(vapply(sys.frames(), identical, NA, envir))
}

# Whether this is the environment that testthat tears down after all tests.
is_teardown <- function(envir) {
  is_testing <- isNamespaceLoaded("testthat")
  is_testing && identical(envir, tryCatch(testthat::teardown_env(), error = function(e) NULL))
}
