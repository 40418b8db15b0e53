# AWS's own component for Face Liveness, as it is published, streams to the emulator: it signs the address and each
# message, and reads what comes back.

# The last stream that the emulator has seen.
last_stream <- function(emulator) {
  requests <- emulator$requests()
  utils::tail(requests[requests$operation == "StartFaceLivenessSession", ], 1)
}

page_text <- function(browser) {
  text_of(browser, "#check")
}

expect_server_error <- function(end, name, message) {
  expect_identical(
    end[c("callback", "state", "name")],
    list(callback = "onError", state = "SERVER_ERROR", name = name)
  )
  expect_match(end$message, message, fixed = TRUE)
}

test_that("AWS's component completes both challenges", {
  emulator <- test_emulator(keep_video = TRUE)
  svc <- rekognition(emulator$config)
  browser <- local_check_browser()
  versions <- c(FaceMovementAndLightChallenge = "2.0.0", FaceMovementChallenge = "1.0.0")
  for (challenge in names(versions)) {
    id <- new_check(svc, challenge)
    show_check(browser, emulator, id)
    press_start(browser)
    wait_until(grepl("Move closer", page_text(browser)), "the person is asked to move closer")
    expect_identical(status_of(svc, id), "IN_PROGRESS")
    expect_identical(check_end(browser), list(callback = "onAnalysisComplete"))
    loaded <- run_script(browser, "return performance.getEntriesByType('resource').map(entry => entry.name)")
    expect_match(unlist(loaded), "^http://127.0.0.1:")
    results <- liveness_results(id, svc)
    expect_identical(results$status, "SUCCEEDED")
    expect_identical(results$challenge_type, challenge)
    expect_identical(results$challenge_version, versions[[challenge]])
    stream <- last_stream(emulator)
    expect_identical(stream$session_id, id)
    expect_identical(stream$status_code, 101L)
    expect_identical(stream$code, NA_character_)
    expect_match(stream$user_agent, "ui-react-liveness/")
    video <- emulator$video(id)
    expect_length(video, stream$video_bytes)
    # WebM begins so.
    expect_identical(video[1:4], as.raw(c(0x1a, 0x45, 0xdf, 0xa3)))
  }
})

test_that("the component reports why the service refuses a check", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_check_browser()
  refused <- function(code, message, id = new_session(svc), ..., name = code) {
    show_check(browser, emulator, id, ...)
    expect_server_error(check_end(browser), name, message)
    expect_identical(last_stream(emulator)$status_code, 101L)
    expect_identical(last_stream(emulator)$code, code)
  }
  keys <- page_credentials(emulator$credentials())
  keys$secretAccessKey <- "wrong"
  refused("InvalidSignatureException", "signature we calculated does not match", credentials = keys)
  # The component puts a message of its own in place of the service's.
  refused("InvalidSignatureException", "Invalid region", region = "eu-west-1", name = "Error")
  refused("SessionNotFoundException", "not found", some_id)
  emulator$fault("stream_error", code = "ThrottlingException", message = "Rate exceeded", at = "start")
  refused("ThrottlingException", "Rate exceeded")
  id <- new_session(svc)
  emulator$check(id)
  refused("ValidationException", "already been used", id)
  id <- new_session(svc)
  emulator$advance(200)
  refused("ValidationException", "expired", id)
})

test_that("the component reports credentials that do not allow a check", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_check_browser()
  keys <- page_credentials(emulator$credentials(policy = liveness_policy("rekognition:DetectFaces")))
  show_check(browser, emulator, new_session(svc), credentials = keys)
  expect_server_error(check_end(browser), "AccessDeniedException", "not authorized")
})

test_that("the component waits ten seconds for a handshake that is refused", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_check_browser()
  emulator$fault("stream_refused", times = 10, status_code = 403)
  show_check(browser, emulator, new_session(svc))
  expect_identical(check_end(browser)$state, "CONNECTION_TIMEOUT")
  expect_identical(last_stream(emulator)$status_code, 403L)
})

test_that("the component connects until it gets the session's information", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_check_browser()
  emulator$fault("stream_silent")
  show_check(browser, emulator, new_session(svc))
  wait_until(nrow(last_stream(emulator)) == 1, "the component connects")
  expect_match(page_text(browser), "Connecting")
  emulator$fault("stream_late", seconds = 1)
  emulator$fault("stream_dribble", seconds = 0.001)
  for (i in 1:2) {
    show_check(browser, emulator, new_session(svc))
    find(browser, ".amplify-button--primary")
    expect_match(page_text(browser), "Start video check")
  }
})

test_that("the component reports a connection that ends at the start", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_check_browser()
  emulator$fault("stream_cut_off", at = "start")
  show_check(browser, emulator, new_session(svc))
  expect_server_error(check_end(browser), "Error", "Server ended the connection unexpectedly (code 1006)")
  emulator$fault("stream_close", code = 1011, at = "start")
  show_check(browser, emulator, new_session(svc))
  expect_server_error(check_end(browser), "Error", "Server ended the connection unexpectedly (code 1011)")
})

test_that("the component reports a check that fails after the video", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_check_browser()
  failed <- function(name, message) {
    show_check(browser, emulator, new_check(svc))
    press_start(browser)
    expect_server_error(check_end(browser), name, message)
    expect_gt(last_stream(emulator)$video_bytes, 0)
  }
  emulator$fault("stream_error", code = "InternalServerException", message = "Try again", at = "end")
  failed("InternalServerException", "Try again")
  expect_identical(last_stream(emulator)$code, "InternalServerException")
  emulator$fault("stream_cut_off", at = "end")
  failed("Error", "code 1006")
  emulator$fault("stream_close", code = 1011, at = "end")
  failed("Error", "code 1011")
})

test_that("the component verifies until the service disconnects", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_check_browser()
  emulator$fault("stream_no_disconnection")
  id <- new_check(svc)
  show_check(browser, emulator, id)
  press_start(browser)
  wait_until(status_of(svc, id) == "SUCCEEDED", "the check succeeds")
  expect_match(page_text(browser), "Verifying")
  expect_length(run_script(browser, "return calls"), 0)
})

test_that("a person can cancel the check", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  browser <- local_check_browser()
  id <- new_check(svc)
  show_check(browser, emulator, id)
  press_start(browser)
  click(browser, ".amplify-liveness-cancel-button")
  expect_identical(check_end(browser), list(callback = "onUserCancel"))
  expect_identical(run_script(browser, "return closeCodes[0]"), 4003L)
  wait_until(status_of(svc, id) == "FAILED", "the session has failed")
})
