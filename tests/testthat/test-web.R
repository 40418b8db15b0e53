# Browsers, other sites and unusual clients of the example back end.

# The headers of a response of a user or of send_bytes().
expect_protected <- function(response) {
  fields <- if (is.list(response)) response$headers else curl::parse_headers_list(charToRaw(response))
  expect_identical(fields$`x-frame-options`, "DENY")
  expect_identical(fields$`x-content-type-options`, "nosniff")
  expect_identical(fields$`referrer-policy`, "no-referrer")
  expect_identical(fields$`cache-control`, "no-store")
  policy <- strsplit(fields$`content-security-policy`, "; *")[[1]]
  strict <- c("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'")
  expect_identical(setdiff(strict, policy), character())
  expect_no_match(policy, "unsafe|\\*|http")
}

test_that("every response, including errors, has protective headers", {
  emulator <- test_emulator()
  added <- c(
    "#* @get /broken",
    "function() stop('secret')",
    "logged_in_user <- current_user",
    "current_user <- function(req) if (is.null(req$HTTP_X_LOGGED_OUT)) logged_in_user(req)"
  )
  app <- back_end(emulator, added = added)
  user <- new_user(app)
  expect_status <- function(status, ...) {
    response <- user(...)
    expect_identical(response$status, status)
    expect_protected(response)
    response
  }
  types <- list(`/` = "text/html", `/check.js` = "text/javascript", `/check.css` = "text/css")
  for (path in names(types)) {
    expect_match(expect_status(200L, "GET", path)$headers$`content-type`, types[[path]])
  }
  id <- expect_status(201L, "POST", "/sessions")$json$SessionId
  expect_status(200L, "GET", paste0("/sessions/", id))
  expect_status(200L, "POST", paste0("/sessions/", id, "/relay/1"))
  expect_status(404L, "POST", paste0("/sessions/", some_id, "/relay/1"))
  expect_status(200L, "GET", "/liveness/liveness.js")
  expect_status(404L, "GET", "/liveness/other.js")
  for (i in 2:5) {
    start_check(user)
  }
  expect_status(429L, "POST", "/sessions")
  expect_status(401L, "GET", "/", list(`X-Logged-Out` = "1"))
  expect_status(403L, "POST", "/sessions", list())
  expect_status(404L, "GET", "/nothing")
  expect_status(404L, "GET", paste0("/sessions/", some_id))
  expect_status(405L, "GET", "/sessions")
  expect_status(405L, "DELETE", paste0("/sessions/", id))
  expect_status(500L, "GET", "/broken")
  expect_no_match(app$output(), "secret")
  emulator$stop()
  expect_protected(new_user(app)("POST", "/sessions"))
  too_large <- send_bytes(app, request_text("POST /sessions", "Content-Length: 5"))
  expect_match(too_large, "^HTTP/1.1 413 ")
  websocket <- c(
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
  )
  expect_match(send_bytes(app, request_text("GET /", websocket)), "^HTTP/1.1 405 ")
  expect_protected(too_large)
})

test_that("only the page can start a session", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  from_elsewhere <- list(
    list(),
    list(`X-Requested-With` = "XMLHttpRequest"),
    list(`Content-Type` = "application/x-www-form-urlencoded"),
    list(`Content-Type` = "text/plain", Origin = "https://evil.example"),
    list(`X-Requested-With` = "fetch", `Sec-Fetch-Site` = "cross-site"),
    list(`X-Requested-With` = "fetch", `Sec-Fetch-Site` = "same-site")
  )
  for (headers in from_elsewhere) {
    refused <- new_user(app)("POST", "/sessions", headers)
    expect_identical(refused$status, 403L)
    expect_null(refused$headers$`set-cookie`)
  }
  # A script on another site needs a preflight, which is refused.
  preflight <- new_user(app)(
    "OPTIONS",
    "/sessions",
    list(Origin = "https://evil.example", `Access-Control-Request-Method` = "POST")
  )
  expect_identical(preflight$status, 405L)
  expect_length(grep("access-control", names(preflight$headers)), 0)
  expect_false("CreateFaceLivenessSession" %in% emulator$requests()$operation)
  same <- list(`X-Requested-With` = "fetch", `Sec-Fetch-Site` = "same-origin")
  expect_identical(new_user(app)("POST", "/sessions", same)$status, 201L)
})

test_that("an invalid cookie is ignored", {
  emulator <- test_emulator()
  added <- c("#* @get /mine", "function(req) list(name = req$user, theme = req$cookies$theme)")
  app <- back_end(emulator, added = added)
  user <- new_user(app)
  cookie <- sub(";.*", "", user("GET", "/mine")$headers$`set-cookie`)
  name <- user("GET", "/mine")$json$name
  get_mine <- function(...) send_bytes(app, request_text("GET /mine", ...))
  expect_match(get_mine(paste("Cookie:", cookie)), name, fixed = TRUE)
  odd <- list(
    "Cookie: liveness=%00",
    "Cookie: liveness=a%00b",
    "Cookie: liveness=%",
    "Cookie: liveness=%zz",
    "Cookie: liveness=%ff%fe",
    "Cookie: liveness=\xff\xfe",
    "Cookie: %00=1; \xff=2; =3; ;;; ==; liveness",
    "Cookie: liveness=_",
    "Cookie: liveness=YWJj_YWJj",
    "Cookie:",
    paste0("Cookie: liveness=", strrep("a", 8192)),
    paste0("Cookie: liveness=", strrep("a", 8192), "_", strrep("b", 32)),
    paste0("Cookie: liveness=", strrep("%00", 2000)),
    paste0("Cookie: ", paste0("c", 1:5000, "=", 1:5000, collapse = "; ")),
    c("Cookie: liveness=a", "Cookie: liveness=b"),
    paste0("Cookie: ", substr(cookie, 1, nchar(cookie) - 3))
  )
  for (fields in odd) {
    response <- do.call(get_mine, as.list(fields))
    expect_match(response, "^HTTP/1.1 200 ")
    expect_no_match(response, name, fixed = TRUE)
  }
  raw_nul <- request_text("GET /mine", "Cookie: liveness=@")
  raw_nul <- strsplit(raw_nul, "@", fixed = TRUE)[[1]]
  expect_no_match(send_bytes(app, raw_nul[1], as.raw(0), raw_nul[2]), "^HTTP/1.1 500")

  # Invalid cookies next to valid ones are removed; the valid ones stay.
  valid <- get_mine(paste0("Cookie: a=%00; ", cookie, "; b=\xff; theme=dark%20blue"))
  expect_match(valid, name, fixed = TRUE)
  expect_match(valid, "dark blue", fixed = TRUE)
  # The log has only the lines of the start.
  expect_identical(lengths(strsplit(app$output(), "\n")), 2L)
})

test_that("invalid requests are refused without an error, and are not logged", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  session <- paste0("/sessions/", some_id)
  methods <- c("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "FOO", "get")
  targets <- c(
    paste0(
      "/sessions/",
      c("%00", "%ff", "%zz", "%", "..", "../../etc/passwd", "%2e%2e%2f", strrep("a", 70000))
    ),
    paste0("/sessions/", c("\xff\xfe", strrep("%41", 20000))),
    paste0(
      session,
      c("%00", "/", "//", "?a=%00", "?%ff=%ff", "?\xff", "?%c3%a9=1", "?id=1&req=2&res=3", "???&&&===")
    ),
    paste0(session, "?", strrep("a=b&", 15000)),
    c("//", "/%00", "/\xff", "/%", "sessions", "*", "http://other.example/sessions/x")
  )
  fields <- list(
    c("Content-Length: 1", "Content-Type: application/json"),
    c("Transfer-Encoding: chunked", "Content-Type: multipart/form-data"),
    c(
      "X-Forwarded-For: \xff, %00",
      "X-Forwarded-Host: \xff",
      "X-Forwarded-Proto: %00",
      "Forwarded: for=\xff"
    ),
    c("Content-Type: \xff; charset=\xff", "Accept: \xff", "Authorization: Basic \xff", "Range: bytes=-1"),
    c("Sec-Fetch-Site: \xff", "X-Requested-With: \xff")
  )
  requests <- c(
    request_text(paste(methods, session)),
    request_text("CONNECT other.example:443"),
    vapply(paste("GET", targets), request_text, ""),
    vapply(fields, function(these) do.call(request_text, c("POST /sessions", as.list(these))), ""),
    vapply(fields, function(these) do.call(request_text, c(paste("GET", session), as.list(these))), "")
  )
  for (request in requests) {
    # A request that is not HTTP gets no response.
    expect_match(send_bytes(app, request), "^$|^HTTP/1.1 4[0-9]{2} ")
  }
  # A body would be read as the next response.
  expect_match(send_bytes(app, request_text("HEAD /")), "\r\n\r\n$")
  expect_false("CreateFaceLivenessSession" %in% emulator$requests()$operation)
  expect_identical(lengths(strsplit(app$output(), "\n")), 2L)
  expect_identical(new_user(app)("POST", "/sessions")$status, 201L)
})

test_that("a login without a usable name is no login", {
  emulator <- test_emulator()
  app <- back_end(emulator, added = "current_user <- function(req) req$HTTP_X_FORWARDED_USER")
  start <- function(...) {
    response <- send_bytes(app, request_text("POST /sessions", "X-Requested-With: fetch", ...))
    as.integer(sub("^HTTP/1.1 ([0-9]+).*", "\\1", response))
  }
  expect_identical(start(), 401L)
  for (name in c("", "\xff", strrep("a", 20000))) {
    expect_identical(start(paste("X-Forwarded-User:", name)), 401L)
  }
  for (i in 1:5) {
    expect_identical(start("X-Forwarded-User: ann"), 201L)
  }
  expect_identical(start("X-Forwarded-User: ann"), 429L)
  expect_identical(start("X-Forwarded-User: Zo\u00eb"), 201L)
})

test_that("another site cannot frame the page or start a check with a form", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  browser <- local_browser()
  # A page from a file is another site.
  browse_site <- function(body) {
    file <- withr::local_tempfile(lines = paste0("<!doctype html>", body), fileext = ".html")
    browse(browser, paste0("file://", file))
  }
  browse_site(sprintf("<iframe src='%s/'></iframe>", app$url))
  webdriver(browser, "/frame", list(id = 0))
  wait_until(
    run_script(browser, "return location.href != 'about:blank' && document.readyState == 'complete'"),
    "the frame has loaded"
  )
  expect_length(find_all(browser, "#start"), 0)
  browse_site(sprintf("<form method='post' action='%s/sessions'><button>Win</button></form>", app$url))
  click(browser, "button")
  wait_until(grepl("must come from the page", text_of(browser, "body")), "the form is refused")
  expect_false("CreateFaceLivenessSession" %in% emulator$requests()$operation)
})
