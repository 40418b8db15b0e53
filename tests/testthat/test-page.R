# The page's half of a check, in direct mode. test-page-relay.R has the relay.

test_that("the page's half is installed with its licenses", {
  skip_without_page()
  files <- c(
    "licenses.txt",
    "liveness.css",
    "liveness.js",
    "model.bin",
    "model.json",
    "shiny.css",
    "shiny.js"
  )
  expect_setequal(list.files(liveness_page()), files)
  licenses <- readLines(file.path(liveness_page(), "licenses.txt"))
  expect_match(licenses, "^@aws-amplify/ui-react-liveness [0-9.]+ \\(Apache-2.0\\)$", all = FALSE)
  expect_match(licenses, "face model", all = FALSE)
})

test_that("an installation without the page's half says how to get it", {
  testthat::skip_on_cran()
  skip_if_not_installed("callr")
  library <- withr::local_tempdir()
  file.copy(system.file(package = "rekognition"), library, recursive = TRUE)
  unlink(file.path(library, "rekognition", "www"), recursive = TRUE)
  error <- callr::r(
    function() tryCatch(rekognition::liveness_page(), error = identity),
    libpath = c(library, .libPaths())
  )
  expect_s3_class(error, "rekognition_error")
  expect_match(conditionMessage(error), "make install")
})

test_that("a whole check leaves the page as it was, under a strict policy", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  id <- new_check(svc, "FaceMovementAndLightChallenge")
  show_page_check(browser, svc, id)
  find(browser, ".amplify-button--primary")
  expect_match(text_of(browser, "#check"), "Photosensitivity warning", fixed = TRUE)
  press_start(browser)
  expect_identical(page_end(browser), list(value = list(sessionId = id)))
  states <- c("camera", "connecting", "start", "face", "recording", "verifying")
  expect_identical(page_states(browser), states)
  expect_identical(text_of(browser, "#check"), "Check complete")
  expect_identical(liveness_results(id, svc)$status, "SUCCEEDED")
  expect_length(run_script(browser, "return violations"), 0)
  expect_length(console_errors(browser), 0)
  # Two names of tfjs, and chromedriver's own.
  changes <- setdiff(
    unlist(run_script(browser, "return changes()")),
    c("ret_nodes", "se_exportedFunctionSymbol")
  )
  expect_setequal(changes, c("rekognitionLiveness", "_tfGlobals", "_tfengine"))
  expect_identical(run_script(browser, "return camerasOn()"), 0L)
  # The score and the images are R's alone.
  expect_no_match(run_script(browser, "return document.documentElement.outerHTML"), "onfidence|base64")
})

test_that("checks run one after another in one element", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  emulator$fault("stream_error", code = "ThrottlingException", message = "Rate exceeded")
  show_page_check(browser, svc)
  expect_page_error(browser, "SERVER_ERROR")
  id <- new_check(svc)
  options <- list(ticket = page_ticket(svc, id), startScreen = FALSE, assets = "liveness")
  start_page_check(browser, options)
  expect_identical(page_end(browser), list(value = list(sessionId = id)))
  expect_identical(page_states(browser), c("camera", "connecting", "face", "recording", "verifying"))
  expect_identical(liveness_results(id, svc)$status, "SUCCEEDED")
})

test_that("the script can be a module, and a text replaces the reason of its code", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  emulator$fault("stream_error", code = "ThrottlingException", message = "Rate exceeded")
  browse(browser, browser$page)
  load <- "const script = Object.assign(document.createElement('script'), { type: 'module', src: 'liveness/liveness.js' });
    script.onload = () => document.body.append(Object.assign(document.createElement('p'), { id: 'loaded' }));
    document.head.append(script);"
  run_script(browser, load)
  find(browser, "#loaded")
  text <- list(ThrottlingException = "Zu viele")
  start_page_check(browser, list(ticket = page_ticket(svc, new_session(svc)), text = text))
  expect_page_error(browser, "SERVER_ERROR")
  shown <- text_of(browser, "#check")
  expect_match(shown, "Zu viele", fixed = TRUE)
  expect_no_match(shown, "Rate exceeded", fixed = TRUE)

  id <- new_check(svc)
  start_page_check(browser, list(ticket = page_ticket(svc, id), startScreen = FALSE))
  expect_identical(page_end(browser), list(value = list(sessionId = id)))
})

test_that("two elements have a check each, and a new one cancels the one before", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  show_page_check(browser, svc)
  start_page_check(browser, list(ticket = page_ticket(svc, new_session(svc))), "other")
  wait_for_state(browser, "start")
  wait_for_state(browser, "start", "other")
  run_script(browser, "promises.other.cancel()")
  expect_identical(page_end(browser, "other")$state, "CANCELLED")
  expect_null(run_script(browser, "return checks.check.end"))
  run_script(browser, "window.first = checks.check")
  start_page_check(browser, list(ticket = page_ticket(svc, new_session(svc))))
  wait_until(run_script(browser, "return first.end")$state == "CANCELLED", "the first check ends")
  wait_for_state(browser, "start")
  find(browser, ".amplify-button--primary")
})

test_that("a check can be canceled at any time", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  canceled <- function(state) {
    if (!is.null(state)) {
      wait_for_state(browser, state)
    }
    run_script(browser, "promises.check.cancel(); promises.check.cancel()")
    expect_page_error(browser, "CANCELLED", "canceled", "Check canceled")
  }
  show_page_check(browser, svc)
  canceled(NULL)
  emulator$fault("stream_silent")
  show_page_check(browser, svc)
  canceled("connecting")
  id <- new_session(svc)
  show_page_check(browser, svc, id)
  canceled("start")
  wait_until(status_of(svc, id) == "FAILED", "the connection is closed")
  id <- new_session(svc)
  show_page_check(browser, svc, id)
  press_start(browser)
  canceled("recording")
  wait_until(status_of(svc, id) == "FAILED", "the connection is closed")
})

test_that("a camera that is allowed after the end of a check is turned off", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  browse(browser, browser$page)
  run_script(browser, "permission = new Promise(resolve => window.allow = resolve)")
  start_page_check(browser, list(ticket = page_ticket(svc, new_session(svc))))
  wait_for_state(browser, "camera")
  expect_match(text_of(browser, "#check"), "allow camera permission", fixed = TRUE)
  run_script(browser, "promises.check.cancel()")
  expect_page_error(browser, "CANCELLED")
  run_script(browser, "allow()")
  wait_until(run_script(browser, "return cameras.length === 1 && camerasOn() === 0"), "the camera is off")
})

test_that("a person can cancel, and is not asked for the camera again", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  show_page_check(browser, svc)
  press_start(browser)
  click(browser, ".amplify-liveness-cancel-button")
  expect_page_error(browser, "CANCELLED")
  expect_identical(run_script(browser, "return cameras.length"), 1L)
})

test_that("a check ends when its element is removed", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  id <- new_session(svc)
  show_page_check(browser, svc, id)
  wait_for_state(browser, "start")
  run_script(browser, "document.getElementById('check').remove()")
  expect_page_error(browser, "CANCELLED", "removed")
  wait_until(status_of(svc, id) == "FAILED", "the connection is closed")
})

test_that("the service's reason is in the error and on the page", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  refused <- function(code, message, id = new_session(svc)) {
    show_page_check(browser, svc, id)
    end <- expect_page_error(browser, "SERVER_ERROR", message, code)
    expect_identical(end$reason$code, code)
    expect_match(end$reason$message, message, fixed = TRUE)
  }
  refused("SessionNotFoundException", "not found", some_id)
  for (code in c("ThrottlingException", "ServiceUnavailableException")) {
    emulator$fault("stream_error", code = code, message = "Try later", at = "start")
    refused(code, "Try later")
  }
  emulator$fault("stream_error", code = "InternalServerException", message = "Try again", at = "end")
  show_page_check(browser, svc, new_check(svc), startScreen = FALSE)
  end <- expect_page_error(browser, "SERVER_ERROR", "Try again")
  expect_identical(end$reason, list(code = "InternalServerException", message = "Try again"))
})

test_that("a lost connection is an error at once", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  emulator$fault("stream_refused")
  show_page_check(browser, svc)
  expect_page_error(browser, "CONNECTION_FAILED", "could not be opened", "No connection")
  emulator$fault("stream_cut_off", at = "start")
  show_page_check(browser, svc)
  expect_page_error(browser, "CONNECTION_FAILED")
  for (code in c(1000, 1011)) {
    emulator$fault("stream_close", code = code, at = "start")
    show_page_check(browser, svc)
    expect_page_error(browser, "SERVER_ERROR", paste("code", code))
  }
})

test_that("limits end a check that waits for the service", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  emulator$fault("stream_silent")
  show_page_check(browser, svc, limits = list(sessionInformation = 1))
  expect_page_error(browser, "NO_SESSION_INFORMATION", "within 1 seconds", "No response")
  emulator$fault("stream_no_disconnection")
  id <- new_check(svc)
  show_page_check(browser, svc, id, startScreen = FALSE, limits = list(disconnection = 1))
  expect_page_error(browser, "NO_DISCONNECTION", "within 1 seconds")
  expect_identical(status_of(svc, id), "SUCCEEDED")
})

test_that("a limit ends a check without a face", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator, camera = camera_flags(empty_video()))
  show_page_check(browser, svc, limits = list(face = 1))
  # The limit begins when the person starts.
  wait_for_state(browser, "start")
  press_start(browser)
  expect_page_error(browser, "NO_FACE", "within 1 seconds", "No face found")
})

test_that("a camera that the person refuses is an error", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator, camera = c(camera_flags()[-1], "--deny-permission-prompts"))
  show_page_check(browser, svc)
  expect_page_error(
    browser,
    "CAMERA_NOT_ALLOWED",
    "does not allow the camera",
    "Allow this page to use the camera"
  )
})

test_that("a camera that does not exist is an error", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  show_page_check(browser, svc, deviceId = "another")
  expect_page_error(browser, "DEFAULT_CAMERA_NOT_FOUND_ERROR", text = "No camera found")
  browser <- local_direct_browser(emulator, camera = camera_flags()[1])
  show_page_check(browser, svc)
  expect_page_error(browser, "NO_CAMERA", "no camera", "Connect a camera")
})

test_that("a page without https, and a frame without permission, say so", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(
    emulator,
    camera = c(camera_flags(), "--host-resolver-rules=MAP app.test 127.0.0.1")
  )
  other <- browser
  other$page <- sub("127.0.0.1", "app.test", browser$page)
  show_page_check(other, svc)
  expect_page_error(other, "INSECURE_PAGE", "http://app.test", "begin with https")

  in_frame <- function(allow) {
    browse(browser, browser$page)
    script <- "const frame = document.createElement('iframe'); frame.src = arguments[0]; frame.allow = arguments[1];
      document.body.append(frame);"
    run_script(browser, script, sub("127.0.0.1", "localhost", browser$page), allow)
    webdriver(
      browser,
      "/frame",
      list(id = list(`element-6066-11e4-a52e-4f735466cecf` = find(browser, "iframe")))
    )
    wait_until(run_script(browser, "return typeof rekognitionLiveness === 'object'"), "the frame is loaded")
    start_page_check(browser, list(ticket = page_ticket(svc, new_session(svc))))
  }
  in_frame("")
  expect_page_error(browser, "CAMERA_NOT_ALLOWED", "allow=\"camera\"", "browser window of its own")
  in_frame("camera")
  wait_for_state(browser, "start")
})

test_that("texts can be in another language", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  text <- list(startScreenBeginCheckText = "Aufnahme starten", canceledText = "Prüfung abgebrochen")
  show_page_check(browser, svc, text = text)
  expect_identical(text_of(browser, ".amplify-button--primary"), "Aufnahme starten")
  run_script(browser, "promises.check.cancel()")
  expect_page_error(browser, "CANCELLED", text = "Prüfung abgebrochen")
})

test_that("an error of the component ends the check", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  # React cannot show this text.
  show_page_check(browser, svc, text = list(startScreenBeginCheckText = list(a = 1)))
  expect_page_error(browser, "RUNTIME_ERROR", "React", "Check failed")
})

test_that("invalid options are errors", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_direct_browser(emulator)
  ticket <- page_ticket(svc, new_session(svc))
  browse(browser, browser$page)
  invalid <- function(options, message) {
    start_page_check(browser, options)
    expect_page_error(browser, "INVALID_OPTIONS", message)
  }
  invalid(no_members, "`ticket` must be an object")
  rejected <- "return rekognitionLiveness.start(null, {}).catch(error => error.message)"
  expect_match(run_script(browser, rejected), "`element` must be an element of the page", fixed = TRUE)
  invalid(list(ticket = replace(ticket, "mode", list(I("relay")))), "not [\"relay\"]")
  invalid(list(ticket = replace(ticket, "region", NULL)), "`ticket.region` must be a string")
  invalid(list(ticket = replace(ticket, "mode", "relay")), "`url` is missing")
})
