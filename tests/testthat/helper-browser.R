# Chromium for tests: a small client for chromedriver, which speaks WebDriver (JSON over HTTP).

# A browser for one test, with its own profile. `arguments` are added to those of Chromium.
local_browser <- function(frame = parent.frame(), arguments = character()) {
  testthat::skip_on_cran()
  driver <- Sys.which("chromedriver")
  testthat::skip_if(!nzchar(driver), "chromedriver is not installed")
  profile <- withr::local_tempdir(.local_envir = frame)
  browser <- list(url = paste0("http://127.0.0.1:", start_chromedriver(driver, frame), "/session"))
  session <- webdriver(
    browser,
    "",
    list(
      capabilities = list(
        alwaysMatch = list(
          `goog:chromeOptions` = list(
            args = c(
              "--headless=new",
              "--no-sandbox",
              "--disable-gpu",
              "--disable-dev-shm-usage",
              "--no-first-run",
              "--force-device-scale-factor=1",
              paste0("--user-data-dir=", profile),
              arguments
            )
          ),
          `goog:loggingPrefs` = list(browser = "ALL")
        )
      )
    )
  )
  browser$url <- paste0(browser$url, "/", session$sessionId)
  # Closed before its profile is deleted and chromedriver ends.
  withr::defer(try(webdriver(browser, "", method = "DELETE"), silent = TRUE), frame)
  browser
}

# Starts chromedriver, which takes a free port and prints it. It exits if another process takes the port in between.
start_chromedriver <- function(driver, frame) {
  for (attempt in 1:5) {
    process <- callr::process$new(driver, "--port=0", stdout = "|", stderr = "2>&1", cleanup_tree = TRUE)
    withr::defer(process$kill_tree(), frame)
    output <- ""
    wait_until(
      {
        process$poll_io(100)
        output <- paste0(output, process$read_output())
        grepl("successfully on port [0-9]+", output) || !process$is_alive()
      },
      "chromedriver runs"
    )
    port <- regmatches(output, regexpr("(?<=successfully on port )[0-9]+", output, perl = TRUE))
    if (length(port) == 1) {
      return(port)
    }
  }
  stop("chromedriver does not start: ", output, call. = FALSE)
}

# The value in chromedriver's response. `body = NULL` sends a GET request.
webdriver <- function(browser, path, body = NULL, method = if (is.null(body)) "GET" else "POST") {
  handle <- curl::new_handle(customrequest = method, noproxy = "*", timeout = 180)
  if (!is.null(body)) {
    json <- jsonlite::toJSON(body, auto_unbox = TRUE, null = "null", digits = NA)
    curl::handle_setopt(handle, copypostfields = enc2utf8(json))
    curl::handle_setheaders(handle, `Content-Type` = "application/json; charset=utf-8")
  }
  response <- curl::curl_fetch_memory(paste0(browser$url, path), handle)
  text <- rawToChar(response$content)
  Encoding(text) <- "UTF-8"
  value <- jsonlite::fromJSON(text, simplifyVector = FALSE)$value
  if (response$status_code != 200) {
    stop(value$error, ": ", strsplit(value$message, "\n")[[1]][1], call. = FALSE)
  }
  value
}

no_members <- structure(list(), names = character())

# The value of `condition`, as soon as it is not FALSE, NULL or empty. Errors count as FALSE, because an element may not
# exist yet.
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
      reason <- if (inherits(value, "error")) paste0(": ", conditionMessage(value))
      stop("Timed out waiting until ", what, reason, call. = FALSE)
    }
    Sys.sleep(0.05)
  }
}

# Opens a page: http://, file:// or data:.
browse <- function(browser, url) {
  webdriver(browser, "/url", list(url = url))
  invisible(browser)
}

# The elements that match a CSS selector.
find_all <- function(browser, selector) {
  lapply(webdriver(browser, "/elements", list(using = "css selector", value = selector)), `[[`, 1)
}

# The first element that matches, as soon as there is one.
find <- function(browser, selector) {
  wait_until(find_all(browser, selector), paste("the page has", selector))[[1]]
}

element_do <- function(browser, selector, action, body = no_members) {
  # Retry, because a page can redraw an element that was just found.
  wait_until(
    {
      webdriver(browser, paste0("/element/", find(browser, selector), "/", action), body)
      TRUE
    },
    paste(action, "works on", selector)
  )
}

click <- function(browser, selector) {
  element_do(browser, selector, "click")
}

# Types text, after clearing the element by default.
type <- function(browser, selector, text, clear = TRUE) {
  if (clear) {
    element_do(browser, selector, "clear")
  }
  element_do(browser, selector, "value", list(text = text))
}

# The visible text.
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

# The value of a JavaScript function body, after a promise is resolved.
run_script <- function(browser, script, ...) {
  webdriver(browser, "/execute/sync", list(script = script, args = list(...)))
}

cdp <- function(browser, command, ...) {
  params <- list(...)
  body <- list(cmd = command, params = if (length(params) > 0) params else no_members)
  webdriver(browser, "/goog/cdp/execute", body)
}

# Sets the size of the page in CSS pixels, and light or dark mode.
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

# A screenshot as a PNG file. `height = NULL`: the whole page.
screenshot <- function(browser, file, width = 1200, height = 800, dark = FALSE) {
  set_screen(browser, width, if (is.null(height)) 800 else height, dark)
  if (is.null(height)) {
    page_height <- run_script(browser, "return document.documentElement.scrollHeight")
    set_screen(browser, width, page_height, dark)
  }
  # After two frames, everything is drawn at this size.
  run_script(
    browser,
    "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
  )
  png <- jsonlite::base64_dec(webdriver(browser, "/screenshot"))
  writeBin(png, file)
  invisible(file)
}

# The errors and warnings in the page's console since the last call.
console_errors <- function(browser) {
  entries <- webdriver(browser, "/se/log", list(type = "browser"))
  severe <- Filter(function(entry) entry$level %in% c("SEVERE", "WARNING"), entries)
  vapply(severe, `[[`, "", "message")
}
