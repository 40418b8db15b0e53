# Pages with checks of the package's own bundle, in Chromium.

# A browser with a camera, and a server of a page for checks with this content security policy.
local_page_browser <- function(
  connect = "'self'",
  camera = camera_flags(),
  frame = parent.frame()
) {
  skip_without_camera()
  testthat::skip_if(!nzchar(system.file("www", "liveness", package = "rekognition")), "the page's half is not built: make page")
  browser <- local_browser(frame, camera)
  folder <- withr::local_tempdir(.local_envir = frame)
  file.copy(testthat::test_path(paste0("page-host.", c("html", "css", "js"))), folder)
  policy <- paste0("default-src 'none'; script-src 'self'; style-src 'self'; connect-src ", connect)
  static <- function(path) {
    httpuv::staticPath(path, fallthrough = FALSE, headers = list(`Content-Security-Policy` = policy))
  }
  server <- httpuv::startServer(
    "127.0.0.1",
    httpuv::randomPort(),
    list(staticPaths = list("/" = static(folder), "/liveness" = static(liveness_page())))
  )
  withr::defer(server$stop(), frame)
  browser$page <- sprintf("http://127.0.0.1:%d/page-host.html", server$getPort())
  browser
}

# A ticket for direct mode, as R makes it, to an emulator.
direct_ticket <- function(emulator, session_id, credentials = emulator$credentials(policy = liveness_policy())) {
  list(
    mode = "direct",
    sessionId = session_id,
    region = emulator$config$region,
    credentials = c(page_credentials(credentials), expiration = "2099-01-31T23:59:59Z"),
    endpoint = emulator$url
  )
}

# Starts a check on the page, in the element with this ID.
start_page_check <- function(browser, options, id = "check") {
  run_script(browser, "startCheck(...arguments)", id, options)
}

page_states <- function(browser, id = "check") {
  unlist(run_script(browser, "return checks[arguments[0]].states", id))
}

# The result or the error of the check, as soon as it has ended.
page_end <- function(browser, id = "check") {
  wait_until(run_script(browser, "return checks[arguments[0]].end", id), "the check ends")
}
