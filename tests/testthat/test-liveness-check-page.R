# What a page can do to an app with a check: requests as a browser sends them, and others.

skip_if_not_installed("shiny")
skip_without_page()

test_that("the page gets the state, and the ticket once", {
  emulator <- test_emulator()
  app <- local_check_app(emulator)
  page <- local_page(app)
  idle <- wait_for_message(page, "idle")
  expect_setequal(names(idle), c("id", "url", "start", "state", "check"))
  expect_identical(idle[c("id", "start", "check")], list(id = "check-page", start = "button", check = 0L))
  checking <- press_check(page)
  expect_identical(checking$check, 1L)
  expect_identical(checking$ticket$mode, "relay")
  expect_match(checking$ticket$credentials$accessKeyId, "^RELAY")
  expect_named(checking$ticket$credentials, c("accessKeyId", "secretAccessKey"))
  states <- vapply(page$messages, `[[`, "", "state")
  expect_identical(unname(states), c("idle", "starting", "checking"))
  with_ticket <- Filter(function(message) !is.null(message$ticket), page$messages)
  expect_identical(unname(with_ticket), list(checking))
  # The relay responds to the page.
  body <- sprintf('{"ticket":"%s","sequence":1}', checking$ticket$credentials$accessKeyId)
  response <- send_request(page, "video", body = body)
  expect_identical(response$status, 200L)
  expect_identical(response$headers$`content-type`, "application/json")
  expect_identical(response$headers$`cache-control`, "no-store")
  expect_identical(jsonlite::fromJSON(response$text)$error$message, "The check is not open.")
  # The element of the check was replaced.
  send_to_shiny(page, list(method = "update", data = list(`check-page` = 2)))
  wait_for_message(page, "cancelled")
  expect_match(wait_for_report(app, "cancelled"), "cancelled")
  expect_identical(press_check(page)$check, 2L)
})

test_that("a check that starts before its page is there waits for it", {
  emulator <- test_emulator()
  app <- local_check_app(emulator, server = "check$start()")
  page <- local_page(app, inputs = list())
  wait_for_report(app, "checking")
  read_from_shiny(page)
  expect_null(unlist(lapply(page$messages, `[[`, "ticket")))
  send_to_shiny(page, list(method = "update", data = list(`check-page` = 1)))
  wait_until(
    {
      read_from_shiny(page)
      length(page$messages) > 0 && !is.null(utils::tail(page$messages, 1)[[1]]$ticket)
    },
    "the page gets the ticket"
  )
  # A value that is no number is no page.
  send_to_shiny(page, list(method = "update", data = list(`check-page` = list(1, "x"))))
  send_request(page, "cancel")
  wait_for_message(page, "cancelled")
})

test_that("only the app's own page can send requests, of limited size, for the check that is running", {
  emulator <- test_emulator()
  app <- local_check_app(emulator)
  page <- local_page(app)
  press_check(page)
  status <- function(action = "cancel", ...) {
    response <- send_request(page, action, ...)
    if (response$status != 405) {
      # Nothing about the app.
      expect_identical(response$text, "")
    }
    response$status
  }
  for (method in c("GET", "PUT", "DELETE", "OPTIONS")) {
    expect_identical(status(method = method), 405L)
  }
  for (headers in list(
    list(Origin = "https://evil.example"),
    list(Origin = "null"),
    list(Origin = sub("127.0.0.1", "localhost", app$url)),
    list(`Sec-Fetch-Site` = "cross-site"),
    list(`Sec-Fetch-Site` = "same-site", Origin = app$url),
    list(`Sec-Fetch-Site` = "same-origin", Origin = "https://evil.example")
  )) {
    expect_identical(status(headers = headers), 403L)
    expect_identical(status("start", headers = headers), 403L)
    expect_identical(status("video", headers = headers), 403L)
  }
  expect_identical(status("failure", body = strrep("x", 5000)), 413L)
  expect_identical(status("video", body = raw(4.5e6)), 413L)
  for (check in c("0", "2", "", "x", "1x", "-1", "1e0", strrep("1", 1000))) {
    expect_identical(status(check = check), 410L)
    expect_identical(status("video", check = check), 410L)
  }
  for (action in c("", "start2", "x", "fetch", "..%2f", "%00", "done%20", "VIDEO")) {
    expect_identical(status(action), 404L)
  }
  expect_identical(states_of(app), c("idle", "starting", "checking"))
  # Older browsers send less.
  expect_identical(send_request(page, "cancel", headers = list())$status, 200L)
  wait_for_report(app, "cancelled")
})

test_that("bytes that are no request of a check close it, and do no harm to the app", {
  emulator <- test_emulator()
  app <- local_check_app(emulator, check = 'liveness_check_server("check", svc, max_checks = 100)')
  page <- local_page(app)
  for (body in list("", "{", "null", "{\"ticket\": 1}", strrep("[", 4000), as.raw(c(0, 255, 0)), raw(1e6))) {
    press_check(page)
    response <- send_request(page, "video", body = body)
    expect_identical(response$status, 200L)
    expect_identical(jsonlite::fromJSON(response$text)$state, "closed")
    for (action in c("done", "failure", "cancel")) {
      expect_true(
        send_request(page, action, body = if (length(body) < 4000) body else "")$status %in% c(200L, 500L)
      )
    }
    wait_for_report(app, "cancelled|failed")
  }
  press_check(page)
  send_request(page, "cancel")
  wait_for_report(app, "cancelled")
  expect_true(app$process$is_alive())
})

test_that("what the page says decides nothing", {
  emulator <- test_emulator()
  app <- local_check_app(emulator)
  page <- local_page(app)
  press_check(page)
  # The video was not sent.
  expect_identical(send_request(page, "done")$status, 200L)
  for (i in 1:20) {
    send_request(page, "start")
  }
  read_from_shiny(page)
  expect_identical(states_of(app), c("idle", "starting", "checking"))
  expect_identical(sum(emulator$requests()$operation == "CreateFaceLivenessSession"), 1L)
  expect_false("GetFaceLivenessSessionResults" %in% emulator$requests()$operation)
  # The reason is text of the page.
  report <- list(
    state = "TIMEOUT",
    message = "The face\n\u001b[31m did not fit\u202e",
    reason = list(code = "X", message = strrep("y", 2000)),
    other = list(1)
  )
  send_request(page, "failure", body = as.character(jsonlite::toJSON(report, auto_unbox = TRUE)))
  failed <- wait_for_report(app, "failed")
  expect_match(
    failed,
    "^failed rekognition_check_error TIMEOUT The check ended in the browser \\(TIMEOUT\\): The face"
  )
  expect_match(failed, "[31m did not fit", fixed = TRUE)
  expect_no_match(failed, "\033")
})

test_that("the page's failure is a condition with the state and the reason that the page has sent", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  shiny::testServer(liveness_check_server, args = list(id = "check", svc = svc, max_checks = 100), {
    module <- session$userData$.rekognition_checks$modules[["check-page"]]
    fail <- function(report) {
      session$returned$start()
      wait_until(
        {
          later::run_now(0.02)
          session$returned$state() == "checking"
        },
        "the check has started"
      )
      body <- charToRaw(as.character(jsonlite::toJSON(report, auto_unbox = TRUE)))
      request <- list(
        REQUEST_METHOD = "POST",
        QUERY_STRING = paste0("?w=&action=failure&check=", module$number),
        CONTENT_LENGTH = length(body),
        rook.input = list(read = function() body)
      )
      asNamespace("rekognition")$page_response(module, request)
      session$returned$error()
    }
    error <- fail(list(
      state = "SERVER_ERROR",
      message = "no",
      reason = list(code = "Throttling", message = "slow")
    ))
    expect_s3_class(
      error,
      c("rekognition_check_error", "rekognition_error", "error", "condition"),
      exact = TRUE
    )
    expect_identical(error$state, "SERVER_ERROR")
    expect_identical(error$reason, list(code = "Throttling", message = "slow"))
    expect_match(conditionMessage(error), "no", fixed = TRUE)
    error <- fail(list(state = "lower case", message = 5, reason = "x"))
    expect_identical(error$state, "UNKNOWN")
    expect_null(error$reason)
    expect_match(conditionMessage(error), "UNKNOWN", fixed = TRUE)
    for (report in list("x", list(), list(1), NULL, TRUE)) {
      expect_identical(fail(report)$state, "UNKNOWN")
    }
  })
})

test_that("a page cannot start a check that the app starts", {
  emulator <- test_emulator()
  app <- local_check_app(
    emulator,
    check = 'liveness_check_server("check", svc, start = "manual")',
    server = c("observeEvent(input$go, check$start())", "observeEvent(input$stop, check$cancel())")
  )
  page <- local_page(app)
  expect_identical(wait_for_message(page, "idle")$start, "manual")
  send_request(page, "start")
  expect_identical(states_of(app), "idle")
  expect_identical(nrow(emulator$requests()), 0L)
  send_to_shiny(page, list(method = "update", data = list(go = 1)))
  wait_for_message(page, "checking")
  send_to_shiny(page, list(method = "update", data = list(stop = 1)))
  wait_for_message(page, "cancelled")
  send_request(page, "start")
  expect_identical(states_of(app), c("idle", "starting", "checking", "cancelled"))
})

test_that("a page can start five checks in three minutes", {
  emulator <- test_emulator()
  app <- local_check_app(emulator)
  page <- local_page(app)
  for (i in 1:5) {
    press_check(page)
    send_request(page, "cancel")
    wait_for_message(page, "cancelled")
  }
  send_request(page, "start")
  message <- wait_for_message(page, "failed")
  expect_identical(message$reason, "TOO_MANY_CHECKS")
  wait_for_report(app, "failed rekognition_check_error TOO_MANY_CHECKS A Shiny session can start 5 checks")
  for (i in 1:20) {
    send_request(page, "start")
  }
  expect_identical(sum(emulator$requests()$operation == "CreateFaceLivenessSession"), 5L)
})

test_that("the page does not learn why a session could not be created", {
  emulator <- test_emulator()
  emulator$fault(
    "error",
    code = "AccessDeniedException",
    message = "arn:aws:iam::123:user/secret",
    status_code = 400
  )
  app <- local_check_app(emulator)
  page <- local_page(app)
  wait_for_message(page, "idle")
  send_request(page, "start")
  message <- wait_for_message(page, "failed")
  expect_setequal(names(message), c("id", "url", "start", "state", "check"))
  wait_for_report(app, "failed AccessDeniedException")
  expect_false(any(grepl("AccessDenied|secret|123", unlist(page$messages))))
  # The developer does.
  expect_match(
    app$output(),
    "Face Liveness check \"check\": AccessDeniedException (HTTP 400).",
    fixed = TRUE
  )
})

test_that("a page that is closed or reloaded ends its check", {
  emulator <- test_emulator()
  app <- local_check_app(
    emulator,
    server = "session$onSessionEnded(function() say('ended: ', isolate(check$state())))"
  )
  page <- local_page(app)
  press_check(page)
  page$close()
  wait_until(grepl("ended: cancelled", app$output()), "the check ends with its Shiny session")
  # Its URL is of no use.
  other <- local_page(app)
  press_check(other)
  expect_identical(send_request(page, "video")$status, 404L)
  expect_identical(states_of(app)[4], "idle")
})

test_that("Shiny's promises do not hold a check", {
  emulator <- test_emulator()
  app <- local_check_app(
    emulator,
    ui = "textOutput('slow')",
    server = c(
      "output$slow <- renderText(promises::promise(function(resolve, reject) later::later(function() resolve('slow'), 120)))"
    )
  )
  page <- local_page(app, list(`check-page` = 1, .clientdata_output_slow_hidden = FALSE))
  checking <- press_check(page)
  body <- sprintf('{"ticket":"%s","sequence":1}', checking$ticket$credentials$accessKeyId)
  expect_identical(send_request(page, "video", body = body)$status, 200L)
  send_request(page, "cancel")
  wait_for_message(page, "cancelled")
  wait_for_report(app, "cancelled")
  read_from_shiny(page)
  expect_false(any(grepl("\"values\":{\"slow\":\"slow\"", page$received, fixed = TRUE)))
})
