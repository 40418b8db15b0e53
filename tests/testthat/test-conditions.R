test_that("an error of the service has its classes and fields", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  error <- caught(svc$get_face_liveness_session_results(some_id))
  expect_s3_class(
    error,
    c(
      "SessionNotFoundException",
      "http_400",
      "http_error",
      "rekognition_service_error",
      "rekognition_error",
      "error",
      "condition"
    ),
    exact = TRUE
  )
  expect_identical(error$code, "SessionNotFoundException")
  expect_identical(error$status_code, 400L)
  expect_identical(error$attempts, 1L)
  expect_identical(error$request_id, emulator$requests()$request_id)
  expect_identical(
    error$error_response,
    list(
      `__type` = "SessionNotFoundException",
      Code = "SessionNotFoundException",
      Message = "Session not found."
    )
  )
  expect_identical(conditionCall(error), quote(svc$get_face_liveness_session_results(some_id)))
  expect_identical(
    tryCatch(svc$get_face_liveness_session_results(some_id), SessionNotFoundException = function(e) "caught"),
    "caught"
  )
})

test_that("every form of error that the protocol allows is parsed", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  error <- function(...) caught(results_of(emulator, svc, ...))
  code <- "AccessDeniedException"
  for (body in c(
    '{"__type":"AccessDeniedException","Message":"m"}',
    '{"__type":"com.amazonaws.rekognition#AccessDeniedException","message":"m"}',
    '{"__type":"AccessDeniedException:http://internal.amazon.com/coral/com.amazonaws.rekognition/","message":"m"}',
    '{"code":"AccessDeniedException","message":"m"}',
    '{"code":"a#AccessDeniedException","Message":"m"}'
  )) {
    found <- error(body, status_code = 400)
    expect_s3_class(found, c(code, "http_400"))
    expect_identical(found$error_response$Message, "m")
    expect_identical(found$code, code)
  }
  for (body in c("", "<html>", "{}", '{"__type":"Other"}')) {
    found <- error(body, status_code = 403, headers = c("x-amzn-errortype" = paste0(code, ":http://x/")))
    expect_s3_class(found, c(code, "http_403"))
  }
  for (body in c("", "<html><h1>503</h1></html>", "{}", "null")) {
    for (status in c(400L, 404L, 502L, 503L)) {
      found <- error(body, status_code = status)
      expect_s3_class(found, c(paste0("http_", status), "http_error", "rekognition_service_error"))
      expect_identical(found$code, NA_character_)
      expect_identical(found$status_code, status)
      expect_no_match(conditionMessage(found), "html")
    }
  }
})

test_that("malformed parts of an error do not hide its code", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  for (body in list(
    '{"__type":"","code":"AccessDeniedException","message":"m"}',
    '{"__type":"AccessDeniedException","message":"half \\ud800"}',
    "\ufeff{\"__type\":\"AccessDeniedException\"}",
    charToRaw("{\"__type\":\"AccessDeniedException\",\"message\":\"\xff\"}")
  )) {
    error <- caught(results_of(emulator, svc, body, status_code = 400, headers = c("x-amzn-errortype" = "")))
    expect_s3_class(error, "AccessDeniedException")
  }
  error <- caught(results_of(
    emulator,
    svc,
    '{"__type":"AccessDeniedException","Message":""}',
    status_code = 400
  ))
  expect_match(conditionMessage(error), "region")
})

test_that("a server cannot choose a class with another meaning in R", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  for (code in c(
    "interrupt",
    "warning",
    "shiny.silent.error",
    "rekognition_timeout_error",
    "http_404",
    "package_version",
    "DLLInfo",
    "Date"
  )) {
    error <- caught(results_of(emulator, svc, sprintf('{"__type":"%s"}', code), status_code = 400))
    expect_identical(
      class(error),
      c("http_400", "http_error", "rekognition_service_error", "rekognition_error", "error", "condition")
    )
    expect_identical(error$code, code)
  }
})

test_that("a code that is not a name is a field, not a class", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  error <- caught(results_of(emulator, svc, '{"__type":"no name: %s"}', status_code = 400))
  expect_identical(class(error)[1], "http_400")
  expect_identical(error$code, "no name")
  long <- strrep("LongException", 1e5)
  error <- caught(results_of(emulator, svc, sprintf('{"__type":"%s"}', long), status_code = 400))
  expect_identical(class(error)[1], "http_400")
  expect_identical(error$code, long)
  expect_match(conditionMessage(error), "LongExceptionLong", fixed = TRUE)
  expect_lt(nchar(conditionMessage(error)), 500)
})

test_that("the service's message is an unchanged field, and is shown on one line", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  message <- "100 % of \"it\" \\ %s %n \u00e9\u4e16\n\ttwo lines"
  emulator$fault("error", code = "InvalidParameterException", message = message)
  error <- caught(svc$get_face_liveness_session_results(some_id))
  expect_identical(error$error_response$Message, message)
  shown <- "InvalidParameterException (HTTP 400). 100 % of \"it\" \\ %s %n \u00e9\u4e16\ufffd\ufffdtwo lines\n"
  expect_match(conditionMessage(error), shown, fixed = TRUE)
})

test_that("an unknown code is a class", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$fault("error", code = "BrandNewException", message = "m", status_code = 418)
  expect_error(svc$get_face_liveness_session_results(some_id), class = "BrandNewException")
})

test_that("messages are helpful", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  hide <- function(lines) gsub("127.0.0.1:[0-9]+", "127.0.0.1:<port>", lines)
  say <- function(...) {
    emulator$fault("error", ...)
    svc$get_face_liveness_session_results(some_id)
  }
  expect_snapshot(show_error(svc$get_face_liveness_session_results(some_id)))
  expect_snapshot(show_error(say(code = "AccessDeniedException")))
  expect_snapshot(show_error(say(code = "AccessDeniedException", message = "User is not authorized")))
  expect_snapshot(show_error(say(code = "ExpiredTokenException", message = "expired")))
  expect_snapshot(show_error(results_of(emulator, svc, "<html>", status_code = 503)))
  expect_snapshot(show_error(results_of(emulator, svc, "<html>")))
  expect_snapshot(show_error(svc$get_face_liveness_session_results(c("a", "b"))))
  expect_snapshot(show_error(rekognition(config = list(regoin = "us-east-1"))))
  expect_snapshot(show_error(rekognition(endpoint = "127.0.0.1:80")))
  expect_snapshot(show_error(rekognition_get_face_liveness_session_results(some_id)), transform = hide)
  expect_snapshot(show_error(rekognition(region = "us-east-1")$get_face_liveness_session_results(some_id)))
  # A client without connections, because an idle connection may be closed after the request was sent.
  svc <- rekognition(c(emulator$config, max_retries = 0))
  emulator$stop()
  expect_snapshot(show_error(svc$get_face_liveness_session_results(some_id)), transform = hide)
})

test_that("a missing region and missing credentials are errors at the call", {
  withr::local_envvar(AWS_ACCESS_KEY_ID = "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY = "x")
  error <- caught(rekognition()$get_face_liveness_session_results(some_id))
  expect_s3_class(error, "rekognition_config_error")
  expect_identical(error$setting, "region")
  withr::local_envvar(AWS_ACCESS_KEY_ID = NA)
  error <- caught(rekognition(region = "us-east-1")$get_face_liveness_session_results(some_id))
  expect_s3_class(error, "rekognition_credentials_error")
  expect_match(conditionMessage(error), "Environment")
})

test_that("an unreachable host is a connection error with its endpoint", {
  keys <- list(creds = list(access_key_id = "A", secret_access_key = "s"))
  svc <- rekognition(
    list(max_retries = 1),
    keys,
    endpoint = "http://127.0.0.1:1",
    region = "us-east-1"
  )
  error <- caught(svc$get_face_liveness_session_results(some_id))
  expect_s3_class(
    error,
    c("rekognition_connection_error", "rekognition_error", "error", "condition"),
    exact = TRUE
  )
  expect_identical(error$endpoint, "http://127.0.0.1:1")
  expect_identical(error$attempts, 2L)
  svc <- rekognition(
    list(max_retries = 0),
    keys,
    endpoint = "http://no-such-host.invalid",
    region = "us-east-1"
  )
  expect_error(
    svc$get_face_liveness_session_results(some_id),
    "host name",
    class = "rekognition_connection_error"
  )
})

test_that("a connection that closes before the response is a connection error", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 1))
  emulator$fault("close", times = 2)
  error <- caught(svc$get_face_liveness_session_results(some_id))
  expect_s3_class(error, "rekognition_connection_error")
  expect_identical(error$attempts, 2L)
  expect_error(svc$get_face_liveness_session_results(some_id), class = "SessionNotFoundException")
})

test_that("a truncated response is retried, and then a response error", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 1))
  id <- new_session(svc)
  emulator$fault("cut_off", times = 3)
  error <- caught(svc$get_face_liveness_session_results(id))
  expect_s3_class(error, "rekognition_response_error")
  expect_identical(error$status_code, 200L)
  expect_identical(error$request_id, emulator$requests()$request_id[3])
  # The third fault, and a response at the second attempt.
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
})

test_that("time limits are timeout errors that name the limit", {
  emulator <- test_emulator()
  for (limit in c("read_timeout", "operation_timeout")) {
    svc <- rekognition(c(emulator$config, list(max_retries = 0), structure(list(0.2), names = limit)))
    emulator$fault("hang")
    error <- caught(svc$get_face_liveness_session_results(some_id))
    expect_s3_class(
      error,
      c("rekognition_timeout_error", "rekognition_error", "error", "condition"),
      exact = TRUE
    )
    expect_identical(error$timeout, 0.2)
    expect_identical(error$attempts, 1L)
    expect_match(conditionMessage(error), limit, fixed = TRUE)
  }
})

test_that("the condition of a failed call contains no secrets", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, list(max_retries = 0)))
  secret <- emulator$config$credentials$creds$secret_access_key
  emulator$fault("close")
  for (error in list(
    caught(svc$get_face_liveness_session_results(some_id)),
    caught(svc$get_face_liveness_session_results(some_id))
  )) {
    shown <- c(capture.output(str(error)), capture.output(print(error)), capture.output(dput(error)))
    expect_false(any(grepl(secret, shown, fixed = TRUE)))
    expect_false(any(grepl("Authorization|Signature=", shown)))
  }
})

test_that("a condition does not show the arguments of the client", {
  emulator <- test_emulator()
  wrong <- caught(
    rekognition(
      emulator$config,
      list(creds = list(secret_access_key = "hunter1"))
    )$create_face_liveness_session()
  )
  made <- quote(rekognition(...)$create_face_liveness_session())
  expect_identical(conditionCall(wrong), made)
  bad <- caught(do.call(
    rekognition,
    list(list(regoin = "x"), list(creds = list(secret_access_key = "hunter1")))
  ))
  expect_identical(conditionCall(bad), quote(FUN(...)))
  svc <- rekognition(config = emulator$config)
  missing <- caught(do.call(svc$get_face_liveness_session_results, list(some_id)))
  expect_identical(conditionCall(missing), as.call(list(quote(FUN), some_id)))
  clients <- list(svc)
  missing <- caught((clients[[1]]$get_face_liveness_session_results)(some_id))
  expect_identical(conditionCall(missing), quote((clients[[1]]$get_face_liveness_session_results)(some_id)))
  inlined <- caught(eval(bquote(.(svc)$get_face_liveness_session_results(some_id))))
  expect_identical(conditionCall(inlined), quote(...$get_face_liveness_session_results(some_id)))
})

test_that("only operations of Face Liveness hint at its regions", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  hint <- "Face Liveness is not available in the region"
  refused <- function(call) {
    emulator$fault("error", code = "AccessDeniedException")
    conditionMessage(caught(call))
  }
  expect_match(refused(svc$get_face_liveness_session_results(some_id)), hint)
  expect_match(refused(stop(liveness_results(some_id, svc)$error[[1]])), hint)
  expect_no_match(refused(svc$list_collections()), hint)
})
