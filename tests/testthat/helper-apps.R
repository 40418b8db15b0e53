# The example apps, each in an R of its own, as they are started by hand.

# An app whose service is this emulator, by the switch for AWS; without one it brings its own.
local_app <- function(kind, emulator = NULL, env = character(), frame = parent.frame()) {
  testthat::skip_on_cran()
  testthat::skip_if_not_installed("callr")
  testthat::skip_if_not_installed("curl")
  testthat::skip_if_not_installed(kind)
  start <- switch(
    kind,
    plumber = function(dir) plumber::pr_run(plumber::pr(file.path(dir, "plumber.R"))),
    shiny = function(dir) shiny::runApp(dir, launch.browser = FALSE)
  )
  log <- withr::local_tempfile(.local_envir = frame)
  process <- callr::r_bg(
    start,
    list(system.file("examples", kind, package = "rekognition")),
    stdout = log,
    stderr = "2>&1",
    env = c(
      callr::rcmd_safe_env(),
      R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep),
      app_env(emulator),
      env
    )
  )
  withr::defer(process$kill(), frame)
  said <- function() paste(readLines(log, warn = FALSE), collapse = "\n")
  # It takes a free port and says which.
  pattern <- "(?s).*(http://127.0.0.1:[0-9]+).*"
  url <- function() sub(pattern, "\\1", said(), perl = TRUE)
  # It says so just before it listens.
  wait_until(
    !process$is_alive() ||
      (grepl(pattern, said(), perl = TRUE) && new_user(list(url = url()))("GET", "/")$status == 200),
    "the app runs"
  )
  list(url = url(), said = said, process = process)
}

app_env <- function(emulator) {
  if (is.null(emulator)) {
    return(c(LIVENESS_ON_AWS = "false"))
  }
  keys <- emulator$config$credentials$creds
  c(
    LIVENESS_ON_AWS = "true",
    AWS_ENDPOINT_URL = emulator$url,
    AWS_REGION = emulator$config$region,
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key
  )
}

# Somebody who uses a back end, with a cookie jar: a function that asks and returns status, headers, the text of the
# answer, what its JSON says, and all its bytes.
new_user <- function(app) {
  cookie <- NULL
  function(method, path, headers = list()) {
    handle <- curl::new_handle(customrequest = method, noproxy = "*", timeout = 180, path_as_is = TRUE)
    if (!is.null(cookie)) {
      headers$Cookie <- cookie
    }
    curl::handle_setheaders(handle, .list = headers)
    answer <- curl::curl_fetch_memory(paste0(app$url, path), handle)
    fields <- curl::parse_headers_list(answer$headers)
    if (!is.null(fields$`set-cookie`)) {
      cookie <<- sub(";.*", "", fields$`set-cookie`)
    }
    text <- rawToChar(answer$content)
    list(
      status = answer$status_code,
      headers = fields,
      text = text,
      json = if (startsWith(text, "{")) jsonlite::fromJSON(text),
      bytes = paste0(rawToChar(answer$headers), text)
    )
  }
}
