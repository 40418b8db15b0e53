# What R says about streams. test-stream-browser.R streams.

test_that("check(when = \"streamed\") leaves the session as it is until its check is streamed", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  id <- new_session(svc)
  emulator$check(id, status = "FAILED", when = "streamed")
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
  expect_error(emulator$check(some_id, when = "streamed"), class = "rekognition_argument_error")
  emulator$check(id)
  expect_error(
    emulator$check(id, when = "streamed"),
    "already complete",
    class = "rekognition_argument_error"
  )
})

test_that("a session whose check is going to be streamed does not succeed by itself", {
  emulator <- test_emulator(check_after = 1, check_takes = 1)
  svc <- rekognition(emulator$config)
  ids <- c(new_session(svc), new_session(svc))
  emulator$check(ids[1], status = "FAILED", when = "streamed")
  emulator$advance(10)
  expect_identical(liveness_results(ids, svc)$status, c("CREATED", "SUCCEEDED"))
})

test_that("only outcomes of a check can be set for a stream", {
  emulator <- test_emulator()
  id <- new_session(rekognition(emulator$config))
  for (status in c("CREATED", "IN_PROGRESS", "EXPIRED")) {
    expect_error(
      emulator$check(id, status = status, when = "streamed"),
      "SUCCEEDED",
      class = "rekognition_argument_error"
    )
  }
  expect_error(emulator$check(id, when = "later"), "streamed", class = "rekognition_argument_error")
})

test_that("video() says why there is none", {
  emulator <- test_emulator()
  id <- new_session(rekognition(emulator$config))
  expect_error(emulator$video(id), "keep_video = TRUE", class = "rekognition_error")
  keeping <- test_emulator(keep_video = TRUE)
  id <- new_session(rekognition(keeping$config))
  expect_error(keeping$video(id), "no video", class = "rekognition_argument_error")
  expect_error(keeping$video(), class = "rekognition_argument_error")
  expect_error(rekognition_emulator(keep_video = NA), class = "rekognition_argument_error")
})

test_that("the arguments of each fault of streams are checked", {
  emulator <- test_emulator()
  for (bad in list(
    list("stream_refused", status_code = 99),
    list("stream_silent", at = "start"),
    list("stream_late"),
    list("stream_late", seconds = -1),
    list("stream_error"),
    list("stream_error", code = ""),
    list("stream_error", code = "a\r\nb"),
    list("stream_error", code = strrep("a", 200)),
    list("stream_error", code = "ThrottlingException", at = "middle"),
    list("stream_close", code = 1005),
    list("stream_close", code = 2000),
    list("stream_close", code = 5000),
    list("stream_cut_off", part = "body"),
    list("stream_no_disconnection", times = "first"),
    list("stream_dribble", seconds = "1")
  )) {
    expect_error(do.call(emulator$fault, bad), class = "rekognition_argument_error")
  }
})

test_that("faults of streams do not concern other requests", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  for (kind in c(
    "stream_refused",
    "stream_silent",
    "stream_cut_off",
    "stream_close",
    "stream_no_disconnection"
  )) {
    emulator$fault(kind, times = 2)
  }
  id <- new_session(svc)
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
  expect_identical(emulator$requests()$video_bytes, c(NA_integer_, NA_integer_))
})

test_that("a page that is no WebSocket gets an HTTP error, and its request is shown", {
  skip_if_not_installed("curl")
  emulator <- test_emulator()
  url <- paste0(emulator$url, "/start-face-liveness-session-websocket?session-id=", some_id)
  response <- curl::curl_fetch_memory(url, curl::new_handle(noproxy = "*"))
  expect_identical(response$status_code, 426L)
  request <- emulator$requests()
  expect_identical(request$operation, "StartFaceLivenessSession")
  expect_identical(request$session_id, some_id)
  expect_identical(request$status_code, 426L)
  expect_identical(request$video_bytes, 0L)
})
