# The example apps, each in its own R process, started as a user would.

# An app that uses this emulator as if it were AWS; without an emulator, the app starts its own. `added`: lines of R that
# are appended to the app. `dir`: the folder of an app of this kind.
local_app <- function(
  kind,
  emulator = NULL,
  env = character(),
  added = NULL,
  frame = parent.frame(),
  dir = system.file("examples", kind, package = "rekognition")
) {
  testthat::skip_on_cran()
  testthat::skip_if_not_installed("callr")
  testthat::skip_if_not_installed("curl")
  testthat::skip_if_not_installed(if (kind == "plumber") kind else "shiny")
  start <- switch(
    kind,
    plumber = function(dir) plumber::pr_run(plumber::pr(file.path(dir, "plumber.R"))),
    check = ,
    shiny = function(dir) shiny::runApp(dir, launch.browser = FALSE)
  )
  is_built <- nzchar(system.file("www", "liveness", "liveness.js", package = "rekognition"))
  testthat::skip_if(kind %in% c("check", "plumber") && !is_built, "the page's half of a check is not built")
  if (!is.null(added)) {
    copy <- withr::local_tempdir(.local_envir = frame)
    file.copy(c(dir, file.path(dirname(dir), "database")), copy, recursive = TRUE)
    dir <- file.path(copy, basename(dir))
    cat("", added, file = file.path(dir, "plumber.R"), sep = "\n", append = TRUE)
  }
  log <- withr::local_tempfile(.local_envir = frame)
  if (kind == "plumber") {
    env <- c(LIVENESS_DATABASE = withr::local_tempfile(fileext = ".sqlite", .local_envir = frame), env)
  }
  env <- env[!duplicated(names(env), fromLast = TRUE)]
  process <- callr::r_bg(
    start,
    list(dir),
    stdout = log,
    stderr = "2>&1",
    env = c(
      callr::rcmd_safe_env(),
      R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep),
      replace(app_env(emulator), names(env), env)
    )
  )
  withr::defer(process$kill(), frame)
  output <- function() paste(readLines(log, warn = FALSE), collapse = "\n")
  # The app takes a free port and prints it.
  pattern <- "(?s).*(http://127.0.0.1:[0-9]+).*"
  url <- function() sub(pattern, "\\1", output(), perl = TRUE)
  # It prints the port just before it listens.
  wait_until(
    !process$is_alive() ||
      (grepl(pattern, output(), perl = TRUE) && new_user(list(url = url()))("GET", "/")$status > 0),
    "the app runs"
  )
  list(url = url(), output = output, process = process)
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

# A user of a back end, with a cookie jar: a function that sends a request as the page does and returns the status, the
# headers, the text, the parsed JSON and all bytes of the response.
new_user <- function(app) {
  cookie <- NULL
  function(method, path, headers = list(`X-Requested-With` = "fetch")) {
    handle <- curl::new_handle(customrequest = method, noproxy = "*", timeout = 180, path_as_is = TRUE)
    if (!is.null(cookie)) {
      headers$Cookie <- cookie
    }
    curl::handle_setheaders(handle, .list = headers)
    response <- curl::curl_fetch_memory(paste0(app$url, path), handle)
    fields <- curl::parse_headers_list(response$headers)
    if (!is.null(fields$`set-cookie`)) {
      cookie <<- sub(";.*", "", fields$`set-cookie`)
    }
    text <- rawToChar(response$content)
    list(
      status = response$status_code,
      headers = fields,
      text = text,
      json = if (startsWith(text, "{")) jsonlite::fromJSON(text),
      bytes = paste0(rawToChar(response$headers), text)
    )
  }
}

# The response of a back end to these bytes, given as text or raw vectors.
send_bytes <- function(app, ...) {
  port <- as.integer(sub(".*:", "", app$url))
  connection <- socketConnection("127.0.0.1", port, open = "r+b", blocking = TRUE, timeout = 60)
  on.exit(close(connection))
  writeBin(
    unlist(lapply(list(...), function(piece) if (is.raw(piece)) piece else charToRaw(piece))),
    connection
  )
  received <- raw()
  while (length(more <- readBin(connection, "raw", 1e5)) > 0) {
    received <- c(received, more)
  }
  rawToChar(received)
}

# A request as text. Further arguments are headers.
request_text <- function(line, ...) {
  paste0(
    paste(c(paste(line, "HTTP/1.1"), "Host: back.example", "Connection: close", ...), collapse = "\r\n"),
    "\r\n\r\n"
  )
}

# The lines in the log of a back end, as lists.
log_lines <- function(app) {
  lapply(grep("^\\{", strsplit(app$output(), "\n")[[1]], value = TRUE), jsonlite::fromJSON)
}

# A field of all lines that have it.
logged <- function(app, field = "event") {
  unlist(lapply(log_lines(app), `[[`, field))
}

back_end <- function(
  emulator = NULL,
  threshold = "90",
  env = character(),
  added = NULL,
  frame = parent.frame()
) {
  local_app("plumber", emulator, c(LIVENESS_THRESHOLD = threshold, env), added, frame)
}

start_check <- function(user) {
  user("POST", "/sessions")$json$SessionId
}

# The final verdict. The back end sends at most one request a second to the service.
verdict <- function(user, id) {
  wait_until(
    {
      response <- user("GET", paste0("/sessions/", id))
      !identical(response$json$verdict, "pending")
    },
    "the check has ended"
  )
  response$json$verdict
}
