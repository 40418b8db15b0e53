# Pages with checks of the package's own bundle, in Chromium.

# A browser with a camera, and a server of a page for checks under a strict content security policy. `connect` is what the page
# may connect to, `call` responds to requests for /relay.
local_page_browser <- function(
  connect = "'self'",
  camera = camera_flags(),
  call = NULL,
  frame = parent.frame()
) {
  skip_without_camera()
  testthat::skip_if_not_installed("promises")
  skip_without_page()
  browser <- local_browser(frame, camera)
  folder <- withr::local_tempdir(.local_envir = frame)
  file.copy(testthat::test_path(paste0("page-host.", c("html", "css", "js"))), folder)
  policy <- paste0(
    "default-src 'none'; script-src 'self'; style-src 'self'; frame-src *; connect-src ",
    connect
  )
  static <- function(path) {
    headers <- list(`Content-Security-Policy` = policy)
    httpuv::staticPath(path, fallthrough = FALSE, headers = headers)
  }
  paths <- list(
    "/" = static(folder),
    "/liveness" = static(liveness_page()),
    "/relay" = httpuv::excludeStaticPath()
  )
  server <- httpuv::startServer("127.0.0.1", httpuv::randomPort(), list(staticPaths = paths, call = call))
  withr::defer(server$stop(), frame)
  browser$port <- server$getPort()
  browser$page <- sprintf("http://127.0.0.1:%d/page-host.html", browser$port)
  browser
}

skip_without_page <- function() {
  is_built <- nzchar(system.file("www", "liveness", "liveness.js", package = "rekognition"))
  testthat::skip_if(!is_built, "the page's half is not built: make page")
}

# The same for checks that stream to this emulator.
local_direct_browser <- function(emulator, ..., frame = parent.frame()) {
  local_page_browser(paste("'self'", sub("^http", "ws", emulator$url)), ..., frame = frame)
}

page_ticket <- function(svc, session_id) {
  settled(liveness_direct(svc, session_id, "arn:aws:iam::111122223333:role/liveness-page"))
}

# Starts a check in an element of the page.
start_page_check <- function(browser, options, id = "check") {
  run_script(browser, "startCheck(...arguments)", id, options)
}

# Opens the page and starts a check in direct mode. `...` are options.
show_page_check <- function(browser, svc, session_id = new_session(svc), ...) {
  browse(browser, browser$page)
  start_page_check(browser, list(ticket = page_ticket(svc, session_id), ...))
}

# The states that the check has been in. Requests of the page are processed meanwhile.
page_states <- function(browser, id = "check") {
  later::run_now(0.05)
  unlist(run_script(browser, "return checks[arguments[0]].states", id))
}

wait_for_state <- function(browser, state, id = "check") {
  wait_until(state %in% page_states(browser, id), paste("the check is in the state", state))
}

# The result or the error of the check, as soon as it has ended.
page_end <- function(browser, id = "check") {
  wait_until(
    {
      later::run_now(0.05)
      run_script(browser, "return checks[arguments[0]].end", id)
    },
    "the check ends"
  )
}

# The check ends with this error, and leaves a message and no camera.
expect_page_error <- function(browser, state, message = NULL, text = NULL, id = "check") {
  end <- page_end(browser, id)
  expect_identical(end$state, state)
  if (!is.null(message)) {
    expect_match(end$message, message, fixed = TRUE)
  }
  if (!is.null(text)) {
    expect_match(text_of(browser, paste0("#", id)), text, fixed = TRUE)
  }
  expect_identical(run_script(browser, "return camerasOn()"), 0L)
  invisible(end)
}

# A browser whose page sends its frames to this relay, as soon as `start_relay_check()` makes one. `respond` replaces the
# response to a request: a function of the relay's function and the body.
local_relay_browser <- function(
  respond = function(exchange, body, request) exchange(body),
  frame = parent.frame()
) {
  relays <- new.env()
  call <- function(request) {
    body <- request$rook.input$read()
    response <- respond(relays$current$exchange, body, request)
    if (is.list(response)) {
      return(response)
    }
    list(status = 200L, headers = list(`Content-Type` = "application/json"), body = response)
  }
  browser <- local_page_browser(call = call, frame = frame)
  browser$relays <- relays
  browser
}

# Opens the page and starts a check through a new relay. `...` are options.
show_relay_check <- function(browser, svc, session_id = new_session(svc), ...) {
  browser$relays$current <- liveness_relay(svc, session_id)
  browse(browser, browser$page)
  start_page_check(browser, list(ticket = browser$relays$current$ticket(), url = "/relay", ...))
}
