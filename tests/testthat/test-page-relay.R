# The page's half of a check, with its frames on the way through R.

# The first line of a request of the page.
request_head <- function(body) {
  jsonlite::fromJSON(rawToChar(body[seq_len(match(as.raw(10), body) - 1)]))
}

test_that("a whole check goes through R, with no other connection", {
  emulator <- test_emulator(keep_video = TRUE)
  svc <- rekognition(emulator$config)
  browser <- local_relay_browser()
  id <- new_check(svc, "FaceMovementAndLightChallenge")
  show_relay_check(browser, svc, id)
  wait_for_state(browser, "start")
  press_start(browser)
  expect_identical(page_end(browser), list(value = list(sessionId = id)))
  states <- c("camera", "connecting", "start", "face", "recording", "verifying")
  expect_identical(page_states(browser), states)
  expect_identical(browser$relays$current$state(), "completed")
  expect_identical(liveness_results(id, svc)$status, "SUCCEEDED")
  expect_gt(length(emulator$video(id)), 0)
  expect_length(run_script(browser, "return violations"), 0)
  expect_length(console_errors(browser), 0)
  loaded <- run_script(
    browser,
    "return performance.getEntriesByType('resource').map(entry => new URL(entry.name).origin)"
  )
  expect_identical(unique(unlist(loaded)), sub("/page-host.html", "", browser$page, fixed = TRUE))
})

test_that("lost requests and lost responses do no harm", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  bodies <- list()
  lost <- list(status = 502L, headers = list(), body = "")
  browser <- local_relay_browser(function(exchange, body, request) {
    bodies <<- c(bodies, list(body))
    # Of each three requests, one is lost on its way, and one on its way back.
    switch(length(bodies) %% 3 + 1, exchange(body), lost, {
      exchange(body)
      lost
    })
  })
  id <- new_check(svc)
  show_relay_check(browser, svc, id, startScreen = FALSE)
  expect_identical(page_end(browser), list(value = list(sessionId = id)))
  expect_identical(liveness_results(id, svc)$status, "SUCCEEDED")
  sequence <- vapply(bodies, function(body) request_head(body)$sequence, 1L)
  expect_identical(unique(sequence), seq_len(max(sequence)))
  # The same number is the same request.
  expect_length(unique(bodies), max(sequence))
  expect_gt(sum(duplicated(sequence)), 5)
})

test_that("a relay that cannot be used is an error", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  response <- NULL
  browser <- local_relay_browser(function(...) response)
  unusable <- function(message, status = 200L, body = "") {
    response <<- list(status = status, headers = list(), body = body)
    show_relay_check(browser, svc)
    expect_page_error(browser, "CONNECTION_FAILED", message, "No connection")
  }
  unusable("HTTP status 404", 404L)
  unusable("not JSON", body = "<!doctype html>")
  unusable("no state", body = "{}")
  # The page tries again for ten seconds.
  unusable("HTTP status 503", 503L)
})

test_that("the relay's reason is in the error and on the page", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_relay_browser()
  show_relay_check(browser, svc, some_id)
  end <- expect_page_error(browser, "SERVER_ERROR", "does not exist", "SessionNotFoundException")
  expect_identical(end$reason$code, "SessionNotFoundException")
  expect_identical(browser$relays$current$state(), "failed")
  # A ticket is good for one check.
  id <- new_session(svc)
  show_relay_check(browser, svc, id)
  wait_for_state(browser, "start")
  browse(browser, browser$page)
  start_page_check(browser, list(ticket = browser$relays$current$ticket(), url = "/relay"))
  end <- expect_page_error(browser, "SERVER_ERROR")
  expect_named(end$reason, c("code", "message"))
})

test_that("the relay ends when the person cancels or leaves", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  closes <- list()
  browser <- local_relay_browser(function(exchange, body, request) {
    closes <<- c(closes, request_head(body)$close)
    exchange(body)
  })
  expect_closed <- function(id) {
    wait_until(
      {
        later::run_now(0.05)
        browser$relays$current$state() == "closed" && status_of(svc, id) == "FAILED"
      },
      "the relay is closed"
    )
    expect_identical(closes, list(4003L))
    closes <<- list()
  }
  id <- new_session(svc)
  show_relay_check(browser, svc, id)
  wait_for_state(browser, "start")
  run_script(browser, "promises.check.cancel()")
  expect_page_error(browser, "CANCELLED")
  expect_closed(id)
  id <- new_session(svc)
  show_relay_check(browser, svc, id)
  wait_for_state(browser, "start")
  browse(browser, "about:blank")
  expect_closed(id)
})

test_that("requests to the relay can have headers", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  tokens <- character()
  browser <- local_relay_browser(function(exchange, body, request) {
    tokens <<- c(tokens, request$HTTP_X_CSRF_TOKEN)
    exchange(body)
  })
  show_relay_check(browser, svc, headers = list(`X-CSRF-Token` = "secret"))
  wait_for_state(browser, "start")
  expect_identical(unique(tokens), "secret")
})
