test_that("a report without problems has versions, region, endpoint, credentials and clock", {
  emulator <- test_emulator()
  report <- rekognition_sitrep(rekognition(config = emulator$config))
  expect_length(report$advice, 0)
  expect_identical(report$clock_skew, 0)
  shown <- paste(format(report), collapse = "\n")
  for (part in c(
    as.character(packageVersion("rekognition")),
    R.version$platform,
    "us-east-1 (from the client's configuration)",
    emulator$url,
    "reachable, caller authorized",
    "No problems found."
  )) {
    expect_match(shown, part, fixed = TRUE)
  }
  expect_output(print(report), "No problems found.", fixed = TRUE)
  # One request, for a session that does not exist.
  expect_identical(emulator$requests()$operation, "GetFaceLivenessSessionResults")
})

test_that("each problem gets a line of advice", {
  emulator <- test_emulator()
  advice <- function(...) rekognition_sitrep(rekognition(...))$advice
  wrong_keys <- list(creds = list(access_key_id = "AKIDWRONG", secret_access_key = "wrong"))
  expect_match(advice(emulator$config, credentials = wrong_keys), "access key ID", fixed = TRUE)
  expect_match(advice(list()), "No region is set", fixed = TRUE)
  expect_match(advice(region = "us-east-1"), "Cannot load AWS credentials", fixed = TRUE)
  expect_match(advice(emulator$config, endpoint = "http://127.0.0.1:9"), "127.0.0.1:9", fixed = TRUE)
  elsewhere <- rekognition(
    region = "eu-central-1",
    credentials = wrong_keys,
    config = list(proxy = "http://user:hunter2@127.0.0.1:9")
  )
  report <- rekognition_sitrep(elsewhere)
  expect_match(report$advice[1], "Face Liveness was not available in eu-central-1", fixed = TRUE)
  expect_match(report$advice[2], "proxy", fixed = TRUE)
  expect_identical(report$proxy, "127.0.0.1:9 (from the client's configuration)")
  expect_no_match(
    paste(capture.output(print(report), str(report), dput(report)), collapse = ""),
    "hunter2|wrong\""
  )
  withr::local_envvar(AWS_RETRY_MODE = "no such mode")
  expect_match(rekognition_sitrep()$advice, "AWS_RETRY_MODE", fixed = TRUE)
})

test_that("a wrong clock is reported", {
  emulator <- test_emulator()
  refused_at <- function(time) {
    emulator$put_result(
      "00000000-0000-4000-8000-000000000000",
      "{\"__type\":\"InvalidSignatureException\"}",
      status_code = 400,
      headers = c(date = format(time, "%a, %d %b %Y %H:%M:%S GMT", tz = "UTC"))
    )
    rekognition_sitrep(rekognition(config = emulator$config))
  }
  withr::local_locale(LC_TIME = "C")
  behind <- refused_at(Sys.time() + 600)
  expect_equal(behind$clock_skew, -600, tolerance = 0.01)
  expect_match(behind$advice, "clock", all = FALSE)
  expect_match(format(behind), "(600|59[0-9]) s behind", all = FALSE)
  expect_equal(refused_at(Sys.time() - 600)$clock_skew, 600, tolerance = 0.01)
})

test_that("only a client is accepted", {
  expect_identical(caught(rekognition_sitrep(5))$argument, "svc")
})

test_that("the package can be cited, and a client completes the names of operations", {
  expect_no_warning(text <- format(citation("rekognition"), style = "text"))
  expect_match(text, "rekognition")
  svc <- rekognition(region = "us-east-1")
  expect_identical(utils::.DollarNames(svc, "^create_face"), "create_face_liveness_session")
})
