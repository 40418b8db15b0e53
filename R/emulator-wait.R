# An emulator that runs on its own, started from a shell.

# The settings for other programs. A generated secret key is shown, because there is no other way to get it, and it
# only protects the emulator. A key from `credentials` is not, because it may be used elsewhere.
shell_settings <- function(emulator, ends_after, show_secret) {
  keys <- emulator$config$credentials$creds
  variables <- c(
    AWS_ENDPOINT_URL_REKOGNITION = emulator$url,
    AWS_ENDPOINT_URL_STS = emulator$url,
    AWS_ENDPOINT_URL_S3 = emulator$url,
    AWS_REGION = emulator$config$region,
    # boto3 reads this one.
    AWS_DEFAULT_REGION = emulator$config$region,
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = if (show_secret) keys$secret_access_key
  )
  set <- if (.Platform$OS.type == "windows") "set" else "export"
  c(
    gettextf(
      "The emulator of Amazon Rekognition runs at %s in the region %s. Stop it with Ctrl-C.",
      emulator$url,
      emulator$config$region
    ),
    if (is.finite(ends_after)) {
      gettextf(
        "Each session succeeds by itself after %s seconds. For checks in a browser, use `check_after = Inf`.",
        format(ends_after)
      )
    },
    gettext("These variables make the AWS SDKs use it:"),
    "",
    paste0(set, " ", names(variables), "=", variables),
    if (!show_secret) {
      gettextf("%s is the `%s` that was given.", "AWS_SECRET_ACCESS_KEY", "secret_access_key")
    },
    ""
  )
}

# Returns at Ctrl-C or SIGTERM.
wait_for_signal <- function() {
  termination_watch(TRUE)
  on.exit(termination_watch(FALSE))
  tryCatch(
    while (!is_terminated()) {
      Sys.sleep(0.1)
    },
    interrupt = function(e) NULL
  )
  invisible()
}
