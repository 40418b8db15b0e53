forged <- "\u001b[2J\u001b]0;owned\u0007\r\nERROR: forged\u202e\u2066\u009b1m"

# No terminal escape sequences, no change of text direction, no line breaks, and a limited length.
expect_harmless <- function(text, is_page = FALSE) {
  codes <- utf8ToInt(enc2utf8(paste(text, collapse = "\n")))
  expect_false(any(codes %in% c(setdiff(1:31, 10), 127:159, 0x202a:0x202e, 0x2066:0x2069)))
  expect_lt(max(nchar(text)), 2500)
  # The lines of a page have no meaning.
  expect_false(!is_page && any(grepl("^ERROR: forged", unlist(strsplit(text, "\n")))))
}

test_that("text of a server is shown without escape sequences, and is an unchanged field", {
  emulator <- test_emulator()
  svc <- rekognition(config = c(emulator$config, max_retries = 0))
  emulator$fault("error", code = "OddException", message = forged)
  error <- caught(svc$get_face_liveness_session_results(some_id))
  expect_harmless(conditionMessage(error))
  expect_match(conditionMessage(error), "OddException (HTTP 400). \ufffd[2J\ufffd]0;owned", fixed = TRUE)
  expect_identical(error$error_response$Message, forged)
  long <- strrep("x", 1e5)
  emulator$fault("error", code = paste0("X", long), message = long)
  error <- caught(svc$get_face_liveness_session_results(some_id))
  expect_harmless(conditionMessage(error))
  expect_identical(error$error_response$Message, long)
  expect_identical(error$code, paste0("X", long))
})

test_that("malformed codes, statuses, IDs and feedback print safely, and columns keep them", {
  emulator <- test_emulator()
  svc <- rekognition(config = c(emulator$config, max_retries = 0))
  id <- new_session(svc)
  body <- list(
    SessionId = id,
    Status = forged,
    Confidence = 5,
    ReferenceImage = list(S3Object = list(Bucket = forged, Name = forged)),
    Challenge = list(Type = forged, Version = forged),
    Feedback = list(list(Code = forged, Message = forged)),
    Metadata = list(SDKType = forged)
  )
  emulator$put_result(id, body)
  results <- liveness_results(id, svc)
  expect_identical(results$status, forged)
  expect_identical(results$sdk_type, forged)
  expect_identical(results$feedback[[1]]$code, forged)
  code <- sub(":", "", forged)
  emulator$fault("error", code = code, message = forged)
  results <- rbind(results, liveness_results(some_id, svc))
  expect_identical(results$error_code[2], code)
  shown <- c(
    utils::capture.output(print(results)),
    utils::capture.output(print(summary(results))),
    utils::capture.output(print(results$reference_image[[1]])),
    utils::capture.output(print(results$feedback)),
    utils::capture.output(print(results$error)),
    format(results$error),
    format(results$reference_image)
  )
  expect_harmless(shown)
  file <- withr::local_tempfile(fileext = ".html")
  liveness_report(results, file)
  expect_harmless(readLines(file, encoding = "UTF-8"), is_page = TRUE)
})

test_that("messages about malformed responses and settings are safe", {
  emulator <- test_emulator()
  svc <- rekognition(config = c(emulator$config, max_retries = 0))
  emulator$put_result(some_id, "{}", headers = c(`Content-Encoding` = strrep("x", 5000)))
  error <- caught(svc$get_face_liveness_session_results(some_id))
  expect_s3_class(error, "rekognition_response_error")
  expect_harmless(conditionMessage(error))
  withr::local_envvar(AWS_REGION = strrep("x", 5000))
  expect_harmless(conditionMessage(caught(rekognition())))
  withr::local_envvar(AWS_REGION = "us-east-1", AWS_PROFILE = forged)
  expect_harmless(conditionMessage(caught(rekognition())))
})

test_that("the log has one line for a response, whatever it contains", {
  emulator <- test_emulator()
  svc <- rekognition(config = c(emulator$config, max_retries = 0))
  withr::local_options(rekognition.log_level = "debug")
  emulator$fault("error", code = paste0("Odd", forged, strrep("x", 1e5)), message = forged)
  log <- utils::capture.output(
    invisible(caught(svc$get_face_liveness_session_results(some_id))),
    type = "message"
  )
  expect_length(log, 3)
  expect_harmless(log)
})

test_that("text of the environment reaches the service in the C locale", {
  skip_on_os("windows")
  emulator <- test_emulator()
  code <- function(config, bytes) {
    stopifnot(Sys.getlocale("LC_CTYPE") == "C")
    text <- rawToChar(bytes)
    svc <- rekognition::rekognition(config)
    message <- function(expr) tryCatch(expr, error = function(e) charToRaw(enc2utf8(conditionMessage(e))))
    list(
      message(svc$get_face_liveness_session_results(text)),
      message(svc$create_face_liveness_session(Settings = list(OutputConfig = list(S3Bucket = text))))
    )
  }
  run <- function(bytes) {
    environment(code) <- globalenv()
    env <- c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = ":"), LC_ALL = "C")
    lapply(callr::r(code, list(emulator$config, bytes), env = env), rawToChar)
  }
  for (message in run(charToRaw("caf\u00e9"))) {
    expect_match(message, "caf\u00e9", fixed = TRUE, useBytes = TRUE)
  }
  for (message in run(as.raw(c(0x63, 0xe9)))) {
    expect_match(message, "must be valid text in its encoding")
  }
})
