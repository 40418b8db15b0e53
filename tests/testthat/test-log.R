# The log lines that an expression writes to stderr, without the times.
logged <- function(expr) {
  lines <- capture.output(invisible(expr), type = "message")
  expect_match(lines, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z rekognition (INFO|DEBUG) ")
  lines <- sub("^[^ ]+ ", "", lines)
  lines <- gsub("127.0.0.1:[0-9]+", "127.0.0.1:<port>", lines)
  lines <- gsub("request id [0-9a-f-]{36}", "request id <id>", lines)
  gsub("[0-9.]+ s,", "<time> s,", lines)
}

test_that("nothing is logged by default", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  expect_silent(new_session(svc))
  withr::local_options(rekognition.log_level = "off")
  withr::local_envvar(REKOGNITION_LOG = "debug")
  expect_silent(new_session(svc))
})

test_that("the log has attempts, times, endpoints and request IDs", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 1))
  withr::local_options(rekognition.log_level = "info")
  expect_snapshot(writeLines(logged(new_session(svc))))
  expect_snapshot(writeLines(logged(caught(svc$get_face_liveness_session_results(some_id)))))
  withr::local_options(rekognition.log_level = NULL)
  withr::local_envvar(REKOGNITION_LOG = "debug")
  emulator$fault("throttle")
  expect_snapshot(writeLines(logged(new_session(svc))))
  emulator$fault("close", times = 2)
  expect_snapshot(writeLines(logged(caught(new_session(svc)))))
  emulator$fault("html", status_code = 200)
  expect_snapshot(writeLines(logged(caught(svc$get_face_liveness_session_results(some_id)))))
  withr::local_options(rekognition.log_level = "info")
  log <- capture.output(invisible(new_session(svc)), type = "message")
  expect_match(log, utils::tail(emulator$requests()$request_id, 1), fixed = TRUE)
})

test_that("a server cannot fill the log", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  withr::local_options(rekognition.log_level = "info")
  emulator$fault("error", code = strrep("x", 5000))
  log <- logged(error <- caught(new_session(svc)))
  expect_identical(nchar(error$code), 5000L)
  expect_true(all(nchar(log) < 400))
})

test_that("lines are written while a call waits", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, operation_timeout = 0.3))
  emulator$fault("hang")
  withr::local_options(rekognition.log_level = "debug")
  log <- logged(caught(new_session(svc)))
  expect_length(log, 2)
  expect_match(log[2], "operation_timeout of 0.3 s expired", fixed = TRUE)
})

test_that("the log contains no secrets, images or session IDs", {
  emulator <- test_emulator()
  keys <- emulator$credentials()
  svc <- rekognition(emulator$config, credentials = keys)
  withr::local_options(rekognition.log_level = "debug")
  log <- capture.output(type = "message", {
    id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))$SessionId
    emulator$check(id, confidence = 98.7654)
    results <- svc$get_face_liveness_session_results(id)
    emulator$fault("error", code = "AccessDeniedException", message = "User: someone is not authorized")
    caught(svc$get_face_liveness_session_results(id))
    # A server cannot add lines.
    emulator$fault("error", code = "Two\nLines")
    caught(svc$get_face_liveness_session_results(id))
    invisible()
  })
  for (hidden in c(unlist(keys), id, "98.7654", "someone", base64(results$ReferenceImage$Bytes[1:30]))) {
    expect_false(any(grepl(hidden, log, fixed = TRUE)))
  }
  expect_match(log, "^[0-9]{4}-")
})

test_that("an unknown level is an error", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  for (level in list("verbose", NA, 1, c("info", "debug"), "\xff")) {
    withr::local_options(rekognition.log_level = level)
    expect_identical(caught(new_session(svc))$setting, "rekognition.log_level")
  }
  withr::local_options(rekognition.log_level = NULL)
  withr::local_envvar(REKOGNITION_LOG = "loud")
  error <- caught(new_session(svc))
  expect_s3_class(error, "rekognition_config_error")
  expect_identical(error$setting, "REKOGNITION_LOG")
})
