test_that("an emulator prints in a few lines and without its keys", {
  emulator <- test_emulator()
  shown <- c(capture.output(print(emulator)), capture.output(str(emulator)))
  expect_false(any(grepl(emulator$config$credentials$creds$secret_access_key, shown, fixed = TRUE)))
  hide <- function(lines) sub("127.0.0.1:[0-9]+", "127.0.0.1:<port>", lines)
  expect_snapshot(print(emulator), transform = hide)
  emulator$stop()
  expect_snapshot(print(emulator), transform = hide)
})

test_that("requests() lists the requests received", {
  emulator <- test_emulator()
  expect_identical(dim(emulator$requests()), c(0L, 11L))
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  caught(svc$get_face_liveness_session_results("x"))
  requests <- emulator$requests()
  expect_s3_class(requests$time, "POSIXct")
  expect_identical(requests$operation, c("CreateFaceLivenessSession", "GetFaceLivenessSessionResults"))
  expect_identical(requests$session_id, c(NA, "x"))
  expect_identical(requests$status_code, c(200L, 400L))
  expect_identical(requests$code, c(NA, "ValidationException"))
  expect_identical(requests$access_key_id, rep(emulator$config$credentials$creds$access_key_id, 2))
})

test_that("check() sets the outcome of a check", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$check(id, status = "FAILED")
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "FAILED")
  expect_identical(svc$get_face_liveness_session_results(id)$Confidence, numeric(0))
  emulator$check(id, confidence = 12.5, feedback = "LOW_LIGHTING_DETECTED", reference_image = FALSE)
  results <- svc$get_face_liveness_session_results(id)
  expect_identical(results$Confidence, 12.5)
  expect_identical(results$ReferenceImage, nothing()$ReferenceImage)
  expect_error(emulator$check(some_id), class = "rekognition_argument_error")
  expect_error(emulator$check(id, status = "DONE"), class = "rekognition_argument_error")
  expect_error(emulator$check(id, confidence = 120), class = "rekognition_argument_error")
  expect_error(
    emulator$check(id, feedback = "LOW_LIGHT"),
    "LOW_LIGHTING_DETECTED",
    class = "rekognition_argument_error"
  )
})

test_that("put_result() accepts results that were fetched", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))$SessionId
  emulator$check(id)
  results <- svc$get_face_liveness_session_results(id)
  emulator$put_result(some_id, results)
  expect_identical(svc$get_face_liveness_session_results(some_id), results)
})

test_that("faults are injected in order, as many times as given", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  id <- new_session(svc)
  get <- function() svc$get_face_liveness_session_results(id)$Status
  emulator$fault("throttle", times = 2)
  emulator$fault("error", code = "InternalServerError", status_code = 500)
  expect_error(get(), class = "ThrottlingException")
  expect_error(get(), class = "ThrottlingException")
  expect_error(get(), class = "InternalServerError")
  expect_identical(get(), "CREATED")
  emulator$fault("delay", seconds = 0.01)
  expect_identical(get(), "CREATED")
  expect_error(emulator$fault("explode"), class = "rekognition_argument_error")
  expect_error(emulator$fault("error"), class = "rekognition_argument_error")
  expect_error(emulator$fault("error", code = NULL), class = "rekognition_argument_error")
  expect_error(emulator$fault("close", times = 2.5), "2.5", class = "rekognition_argument_error")
  expect_error(emulator$fault("close", times = -1), "-1", class = "rekognition_argument_error")
  expect_error(emulator$fault("delay"), class = "rekognition_argument_error")
  expect_error(emulator$fault("close", seconds = 1), class = "rekognition_argument_error")
})

test_that("each fault has its documented effect, and the next request succeeds", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  quick <- rekognition(c(emulator$config, list(max_retries = 0, read_timeout = 0.3, operation_timeout = 0.6)))
  id <- new_session(svc)
  class_or_status <- function(..., client = svc) {
    emulator$fault(...)
    outcome <- caught(client$get_face_liveness_session_results(id))
    expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
    if (inherits(outcome, "error")) class(outcome)[1] else outcome$Status
  }
  expect_identical(class_or_status("throttle"), "ThrottlingException")
  expect_identical(
    class_or_status("error", code = "InternalServerError", status_code = 500),
    "InternalServerError"
  )
  expect_identical(class_or_status("delay", seconds = 0.05), "CREATED")
  expect_identical(class_or_status("hang", client = quick), "rekognition_timeout_error")
  expect_identical(class_or_status("close"), "rekognition_connection_error")
  expect_identical(class_or_status("reset"), "rekognition_connection_error")
  expect_identical(class_or_status("cut_off"), "rekognition_response_error")
  expect_identical(class_or_status("cut_off", part = "header"), "rekognition_connection_error")
  expect_identical(class_or_status("stall", client = quick), "rekognition_timeout_error")
  expect_identical(class_or_status("dribble", seconds = 0.01, client = quick), "rekognition_timeout_error")
  expect_identical(class_or_status("dribble", seconds = 0), "CREATED")
  expect_identical(class_or_status("content_length"), "rekognition_response_error")
  expect_identical(class_or_status("content_length", by = -10), "rekognition_response_error")
  expect_identical(class_or_status("content_length", by = 0), "CREATED")
  expect_identical(class_or_status("chunked"), "CREATED")
  expect_identical(class_or_status("gzip"), "rekognition_response_error")
  expect_identical(class_or_status("html"), "http_503")
  expect_identical(class_or_status("html", status_code = 200), "rekognition_response_error")
  for (bad in list(
    list("dribble", seconds = -1),
    list("cut_off", part = "tail"),
    list("content_length", by = 1.5),
    list("html", status_code = 99),
    list("gzip", by = 1)
  )) {
    expect_error(do.call(emulator$fault, bad), class = "rekognition_argument_error")
  }
})

test_that("curl reports each fault as documented", {
  skip_if_not(nzchar(Sys.which("curl")))
  skip_if(.Platform$OS.type == "windows", "curl on Windows may not support compression")
  emulator <- test_emulator()
  # The exit status of curl, and the body that it received.
  curl <- function(kind, ..., options = character()) {
    emulator$fault(kind, ...)
    body <- withr::local_tempfile()
    arguments <- c("--silent", "--max-time", "2", "--output", body, options, "--data", "{}", emulator$url)
    status <- system2("curl", arguments)
    # readLines() would decompress the file.
    bytes <- if (file.exists(body)) readBin(body, "raw", 1e5) else raw()
    list(status, bytes)
  }
  refusal <- "MissingAuthenticationToken"
  expect_identical(curl("close")[[1]], 52L)
  expect_identical(curl("reset")[[1]], 56L)
  expect_identical(curl("cut_off")[[1]], 18L)
  expect_true(curl("cut_off", part = "header")[[1]] %in% c(8L, 52L, 56L, 0L))
  expect_identical(curl("stall")[[1]], 28L)
  expect_identical(curl("content_length")[[1]], 18L)
  for (kind in c("chunked", "gzip")) {
    response <- curl(kind, options = "--compressed")
    expect_identical(response[[1]], 0L)
    expect_match(rawToChar(response[[2]]), refusal)
  }
  response <- curl("gzip")
  expect_identical(response[[2]][1:2], as.raw(c(0x1f, 0x8b)))
  expect_match(rawToChar(curl("html")[[2]]), "<h1>503 Service Unavailable</h1>", fixed = TRUE)
})

test_that("throttled requests are retried until they succeed", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  id <- new_session(svc)
  emulator$fault("throttle", times = 2, status_code = 500)
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
  expect_identical(emulator$requests()$attempt, c(1L, 1L, 2L, 3L))
  expect_identical(emulator$requests()$status_code, c(200L, 500L, 500L, 200L))
})

test_that("temporary credentials work until they expire", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config, credentials = emulator$credentials(expires_in = 60))
  id <- new_session(svc)
  emulator$advance(60)
  expect_error(svc$get_face_liveness_session_results(id), class = "ExpiredTokenException")
})

test_that("requests with an invalid signature are refused", {
  emulator <- test_emulator()
  code <- function(...) {
    caught(rekognition(emulator$config, ...)$get_face_liveness_session_results(some_id))$code
  }
  keys <- emulator$config$credentials$creds
  expect_identical(code(), "SessionNotFoundException")
  expect_identical(code(credentials = list(anonymous = TRUE)), "MissingAuthenticationTokenException")
  expect_identical(
    code(credentials = list(creds = list(secret_access_key = "x"))),
    "InvalidSignatureException"
  )
  expect_identical(code(credentials = list(creds = list(access_key_id = "x"))), "UnrecognizedClientException")
  expect_identical(code(credentials = list(creds = list(session_token = "x"))), "UnrecognizedClientException")
  expect_identical(code(region = "eu-west-1"), "InvalidSignatureException")
})

test_that("a stopped emulator raises errors", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  new_session(svc)
  emulator$stop()
  emulator$stop()
  expect_error(emulator$requests(), class = "rekognition_error")
  expect_error(emulator$advance(1), class = "rekognition_error")
  expect_error(new_session(svc), class = "rekognition_connection_error")
})

test_that("a port in use is a config error", {
  emulator <- test_emulator()
  port <- as.integer(sub(".*:", "", emulator$url))
  expect_error(rekognition_emulator(port = port), class = "rekognition_config_error")
  for (port in list(-1, 1.5, "80", NA, 65536)) {
    expect_error(rekognition_emulator(port = port), class = "rekognition_argument_error")
  }
})

test_that("an emulator runs on after its object is garbage-collected", {
  config <- rekognition_emulator()$config
  gc()
  svc <- rekognition(config = config)
  expect_match(new_session(svc), "^[0-9a-f-]{36}$")
})

test_that("put_result() sends values that JSON can represent, and refuses others", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  latin1 <- "caf\xe9"
  Encoding(latin1) <- "latin1"
  results <- results_of(
    emulator,
    svc,
    list(Status = latin1, Confidence = NULL, AuditImages = list(NULL, NULL))
  )
  expect_identical(results$Status, "caf\u00e9")
  expect_identical(results$Confidence, numeric(0))
  expect_length(results$AuditImages, 2)
  expect_identical(results_of(emulator, svc, list()), nothing())
  bad <- list(
    list(Status = NA_character_),
    list(Confidence = NaN),
    list(Confidence = Inf),
    list(Confidence = NA_integer_),
    list(Status = factor("SUCCEEDED")),
    list(Status = sum),
    list(Status = c("A", "B")),
    list(Status = broken),
    list(1, Status = "A"),
    5,
    NULL,
    data.frame(Status = "A")
  )
  for (result in bad) {
    expect_error(emulator$put_result(some_id, result), class = "rekognition_argument_error")
  }
  for (headers in list(c("a" = "b\nc"), c("a b" = "c"), "x", c(a = NA), c("Content-Length" = "1"))) {
    expect_error(emulator$put_result(some_id, "{}", headers = headers), class = "rekognition_argument_error")
  }
})

test_that("a missing argument is an argument error", {
  emulator <- test_emulator()
  for (call in list(
    quote(emulator$check()),
    quote(emulator$put_result()),
    quote(emulator$put_result("x")),
    quote(emulator$fault()),
    quote(emulator$advance())
  )) {
    expect_error(eval(call), "missing", class = "rekognition_argument_error")
  }
  for (region in list("", "us east", NA)) {
    expect_error(rekognition_emulator(region = region), class = "rekognition_argument_error")
  }
})

test_that("feedback requires the status SUCCEEDED", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  error <- caught(emulator$check(id, "FAILED", feedback = "LOW_LIGHTING_DETECTED"))
  expect_identical(error$argument, "feedback")
})
