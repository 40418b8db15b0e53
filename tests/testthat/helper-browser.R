# Chromium for tests: a small client of chromedriver, which speaks WebDriver, JSON over HTTP.

# A browser for one test, with a profile of its own.
local_browser <- function(frame = parent.frame()) {
  testthat::skip_on_cran()
  driver <- Sys.which("chromedriver")
  testthat::skip_if(!nzchar(driver), "there is no chromedriver")
  profile <- withr::local_tempdir(.local_envir = frame)
  process <- callr::process$new(driver, "--port=0", stdout = "|", stderr = "2>&1", cleanup_tree = TRUE)
  withr::defer(process$kill_tree(), frame)
  # It takes a free port and says which.
  said <- ""
  wait_until(
    {
      process$poll_io(100)
      said <- paste0(said, process$read_output())
      grepl("successfully on port [0-9]+", said) || !process$is_alive()
    },
    "chromedriver runs"
  )
  port <- sub(".*successfully on port ([0-9]+).*", "\\1", said)
  browser <- list(url = paste0("http://127.0.0.1:", port, "/session"))
  session <- webdriver(
    browser,
    "",
    list(
      capabilities = list(
        alwaysMatch = list(
          `goog:chromeOptions` = list(
            args = list(
              "--headless=new",
              "--no-sandbox",
              "--disable-gpu",
              "--disable-dev-shm-usage",
              "--no-first-run",
              "--force-device-scale-factor=1",
              paste0("--user-data-dir=", profile)
            )
          ),
          `goog:loggingPrefs` = list(browser = "ALL")
        )
      )
    )
  )
  browser$url <- paste0(browser$url, "/", session$sessionId)
  # Gone before its profile and chromedriver are.
  withr::defer(try(webdriver(browser, "", method = "DELETE"), silent = TRUE), frame)
  browser
}

# The value that chromedriver answers with. `body = NULL` asks with GET.
webdriver <- function(browser, path, body = NULL, method = if (is.null(body)) "GET" else "POST") {
  handle <- curl::new_handle(customrequest = method, noproxy = "*", timeout = 180)
  if (!is.null(body)) {
    json <- jsonlite::toJSON(body, auto_unbox = TRUE, null = "null", digits = NA)
    curl::handle_setopt(handle, copypostfields = enc2utf8(json))
    curl::handle_setheaders(handle, `Content-Type` = "application/json; charset=utf-8")
  }
  answer <- curl::curl_fetch_memory(paste0(browser$url, path), handle)
  text <- rawToChar(answer$content)
  Encoding(text) <- "UTF-8"
  value <- jsonlite::fromJSON(text, simplifyVector = FALSE)$value
  if (answer$status_code != 200) {
    stop(value$error, ": ", strsplit(value$message, "\n")[[1]][1], call. = FALSE)
  }
  value
}

no_members <- structure(list(), names = character())

# The value of `condition` once it is true (or neither FALSE, NULL nor empty). Errors are not yet true: what is looked
# for may not be there yet.
wait_until <- function(condition, what = deparse1(substitute(condition)), timeout = 120) {
  expression <- substitute(condition)
  frame <- parent.frame()
  deadline <- Sys.time() + timeout
  repeat {
    value <- tryCatch(eval(expression, frame), error = identity)
    if (!inherits(value, "error") && length(value) > 0 && !isFALSE(value)) {
      return(invisible(value))
    }
    if (Sys.time() > deadline) {
      why <- if (inherits(value, "error")) paste0(": ", conditionMessage(value))
      stop("It did not come to be that ", what, why, call. = FALSE)
    }
    Sys.sleep(0.05)
  }
}

# Opens a page: http://, file:// or data:.
browse <- function(browser, url) {
  webdriver(browser, "/url", list(url = url))
  invisible(browser)
}

# The elements that a CSS selector finds, as what the functions below take.
find_all <- function(browser, selector) {
  lapply(webdriver(browser, "/elements", list(using = "css selector", value = selector)), `[[`, 1)
}

# The first of them, waited for.
find <- function(browser, selector) {
  wait_until(find_all(browser, selector), paste("the page has", selector))[[1]]
}

element_do <- function(browser, selector, action, body = no_members) {
  # Pages draw anew what a test has just found: once more, then.
  wait_until(
    {
      webdriver(browser, paste0("/element/", find(browser, selector), "/", action), body)
      TRUE
    },
    paste("one can", action, selector)
  )
}

click <- function(browser, selector) {
  element_do(browser, selector, "click")
}

# Types text after what is there, or instead of it.
type <- function(browser, selector, text, clear = TRUE) {
  if (clear) {
    element_do(browser, selector, "clear")
  }
  element_do(browser, selector, "value", list(text = text))
}

# The text that is seen.
text_of <- function(browser, selector) {
  webdriver(browser, paste0("/element/", find(browser, selector), "/text"))
}

texts_of <- function(browser, selector) {
  vapply(
    find_all(browser, selector),
    function(element) webdriver(browser, paste0("/element/", element, "/text")),
    ""
  )
}

# What a function body of JavaScript returns; a promise is waited for.
run_script <- function(browser, script, ...) {
  webdriver(browser, "/execute/sync", list(script = script, args = list(...)))
}

cdp <- function(browser, command, ...) {
  params <- list(...)
  body <- list(cmd = command, params = if (length(params) > 0) params else no_members)
  webdriver(browser, "/goog/cdp/execute", body)
}

# The size of the page in CSS pixels, and which colours the system asks for.
set_screen <- function(browser, width, height, dark = FALSE) {
  cdp(
    browser,
    "Emulation.setDeviceMetricsOverride",
    width = width,
    height = height,
    deviceScaleFactor = 1,
    mobile = FALSE
  )
  scheme <- list(name = "prefers-color-scheme", value = if (dark) "dark" else "light")
  cdp(browser, "Emulation.setEmulatedMedia", features = list(scheme))
  invisible(browser)
}

# What is seen, as a PNG file. `height = NULL`: the whole page.
screenshot <- function(browser, file, width = 1200, height = 800, dark = FALSE) {
  set_screen(browser, width, if (is.null(height)) 800 else height, dark)
  if (is.null(height)) {
    whole <- run_script(browser, "return document.documentElement.scrollHeight")
    set_screen(browser, width, whole, dark)
  }
  # Two frames later, all is drawn at this size.
  run_script(
    browser,
    "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
  )
  png <- jsonlite::base64_dec(webdriver(browser, "/screenshot"))
  writeBin(png, file)
  invisible(file)
}

# What went wrong in the page since the last question, as messages.
console_errors <- function(browser) {
  entries <- webdriver(browser, "/se/log", list(type = "browser"))
  severe <- Filter(function(entry) entry$level %in% c("SEVERE", "WARNING"), entries)
  vapply(severe, `[[`, "", "message")
}
