# The emulator of one function or test, for the default client.

#' An emulator for the rest of a function or a test
#'
#' Starts an emulator as [rekognition_emulator()] does, and sets the environment variables that make the default client,
#' see [rekognition_default()], use it: `AWS_ENDPOINT_URL_REKOGNITION`, `AWS_REGION`, `AWS_ACCESS_KEY_ID` and
#' `AWS_SECRET_ACCESS_KEY`. Variables that would get in the way (such as `AWS_PROFILE` and `AWS_SESSION_TOKEN`) are unset,
#' and settings of a profile that would send requests elsewhere (such as `use_fips_endpoint`) are turned off. When the
#' function or the test ends, the emulator is stopped and the variables are as they were. Calls can be nested.
#'
#' In a test of your own application nothing needs to know of the emulator: what calls `rekognition_default()`, or a
#' function of this package without a client, uses it. So do other processes that the test starts.
#'
#' @param ... As for [rekognition_emulator()].
#' @param envir Environment of the function or test after which the emulator is stopped.
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
  call <- bare(sys.call())
  is_running <- any(vapply(sys.frames(), identical, NA, envir))
  if (!is_running || identical(envir, globalenv())) {
    stop_argument(
      "envir",
      gettextf(
        "`%s` must be called in a function or a test, or with its environment as `%s`.",
        "local_emulator()",
        "envir"
      ),
      call
    )
  }
  emulator <- rekognition_emulator(...)
  keys <- emulator$config$credentials$creds
  variables <- c(
    AWS_ENDPOINT_URL_REKOGNITION = emulator$url,
    AWS_REGION = emulator$config$region,
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key,
    # A profile must not send requests elsewhere.
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS = "false",
    AWS_USE_FIPS_ENDPOINT = "false",
    AWS_USE_DUALSTACK_ENDPOINT = "false"
  )
  in_the_way <- c(
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE"
  )
  before <- Sys.getenv(c(names(variables), in_the_way), unset = NA)
  end <- function() {
    emulator$stop()
    Sys.unsetenv(names(before)[is.na(before)])
    for (name in names(before)[!is.na(before)]) {
      do.call(Sys.setenv, as.list(before[name]))
    }
  }
  at_end(end, envir)
  do.call(Sys.setenv, as.list(variables))
  Sys.unsetenv(in_the_way)
  emulator
}

# Adds a function to call when the one whose environment this is ends, before those that were added earlier. Where withr
# is installed it keeps the list: versions before 3.0.0 run their own handlers, such as local_envvar()'s, after all others.
at_end <- function(work, envir) {
  if (requireNamespace("withr", quietly = TRUE)) {
    withr::defer(work(), envir)
  } else {
    do.call(base::on.exit, list(as.call(list(work)), TRUE, FALSE), envir = envir)
  }
}
