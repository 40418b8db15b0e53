# One default client, which follows the environment.

default_region <- function() {
  sub(".*region: +([^ ]+).*", "\\1", paste(format(rekognition_default()), collapse = "\n"))
}

test_that("all functions without a client use the same one", {
  emulator <- local_emulator()
  id <- rekognition_create_face_liveness_session()$SessionId
  emulator$check(id)
  handle <- handle_of(rekognition_default())
  expect_identical(rekognition_get_face_liveness_session_results(id)$Status, "SUCCEEDED")
  expect_identical(liveness_results(id)$status, "SUCCEEDED")
  expect_identical(liveness_wait(id)$status, "SUCCEEDED")
  expect_match(rekognition_sitrep()$service, "knows the caller")
  if (requireNamespace("promises", quietly = TRUE)) {
    promise <- liveness_promise(id)
    expect_identical(attr(promise, "job")$order$handle, handle)
    liveness_cancel(promise)
    promises::catch(promise, function(e) NULL)
  }
  expect_identical(handle_of(rekognition_default()), handle)
  rekognition_reset()
  expect_false(identical(handle_of(rekognition_default()), handle))
})

test_that("the default client follows the environment", {
  withr::local_envvar(
    AWS_REGION = "us-west-2",
    AWS_ACCESS_KEY_ID = "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY = "s",
    AWS_CONFIG_FILE = NA
  )
  kept <- rekognition_default()
  expect_identical(default_region(), "us-west-2")
  Sys.setenv(AWS_REGION = "eu-west-1")
  expect_identical(default_region(), "eu-west-1")
  # What is kept stays as it is.
  expect_match(format(kept), "us-west-2", all = FALSE)
  handle <- handle_of(rekognition_default())
  withr::local_envvar(SOMETHING_ELSE = "x")
  expect_identical(handle_of(rekognition_default()), handle)

  # Another home folder has other files.
  Sys.unsetenv("AWS_REGION")
  home <- withr::local_tempdir()
  dir.create(file.path(home, ".aws"))
  writeLines(c("[default]", "region = ap-south-1"), file.path(home, ".aws", "config"))
  variable <- if (.Platform$OS.type == "windows") "USERPROFILE" else "HOME"
  withr::local_envvar(stats::setNames(home, variable))
  expect_identical(default_region(), "ap-south-1")
})

test_that("keys and endpoints that change are followed by every function", {
  first <- test_emulator()
  second <- test_emulator()
  use <- function(emulator) {
    keys <- emulator$config$credentials$creds
    Sys.setenv(
      AWS_ENDPOINT_URL = emulator$url,
      AWS_REGION = "us-east-1",
      AWS_ACCESS_KEY_ID = keys$access_key_id,
      AWS_SECRET_ACCESS_KEY = keys$secret_access_key
    )
  }
  withr::local_envvar(
    AWS_ENDPOINT_URL = NA,
    AWS_REGION = NA,
    AWS_ACCESS_KEY_ID = NA,
    AWS_SECRET_ACCESS_KEY = NA
  )
  for (emulator in list(first, second, first)) {
    use(emulator)
    id <- rekognition_create_face_liveness_session()$SessionId
    expect_identical(rekognition_get_face_liveness_session_results(id)$Status, "CREATED")
    expect_identical(liveness_results(id)$status, "CREATED")
  }
  expect_identical(nrow(first$requests()), 6L)
  expect_identical(nrow(second$requests()), 3L)
})

test_that("a default client that lacked something is made anew", {
  emulator <- test_emulator()
  keys <- emulator$config$credentials$creds
  config <- local_file(c("[default]", paste("endpoint_url =", emulator$url)))
  withr::local_envvar(
    AWS_CONFIG_FILE = config,
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key
  )
  for (call in list(quote(rekognition_create_face_liveness_session()), quote(liveness_results("x")))) {
    expect_error(eval(call), "region", class = "rekognition_config_error")
  }
  cat("region = us-east-1\n", file = config, append = TRUE)
  expect_match(rekognition_create_face_liveness_session()$SessionId, "^[0-9a-f-]{36}$")
})

test_that("local_emulator() lasts as long as its function, and leaves the environment as it was", {
  withr::local_envvar(
    AWS_REGION = "eu-west-1",
    AWS_PROFILE = "mine",
    AWS_ACCESS_KEY_ID = NA,
    AWS_USE_FIPS_ENDPOINT = "true"
  )
  before <- Sys.getenv()
  nested <- function() {
    outer <- local_emulator(region = "us-west-2")
    inner <- function() {
      emulator <- local_emulator(check_after = Inf)
      liveness_results(rekognition_create_face_liveness_session()$SessionId)
      expect_identical(nrow(emulator$requests()), 2L)
      expect_identical(nrow(outer$requests()), 0L)
    }
    inner()
    inner()
    rekognition_create_face_liveness_session()
    expect_identical(nrow(outer$requests()), 1L)
    expect_identical(default_region(), "us-west-2")
    outer
  }
  ended <- nested()
  expect_error(ended$requests(), class = "rekognition_error")
  expect_identical(Sys.getenv(), before)
  expect_error(local_emulator(envir = globalenv()), class = "rekognition_argument_error")
  # Another process of the same test.
  emulator <- local_emulator()
  run_elsewhere(function() rekognition::rekognition_create_face_liveness_session(), list())
  expect_identical(emulator$requests()$operation, "CreateFaceLivenessSession")
})

test_that("no secret of the environment is kept in R for the default client", {
  withr::local_envvar(AWS_SECRET_ACCESS_KEY = "hunter2hunter2", AWS_ACCESS_KEY_ID = "AKIAEXAMPLE")
  svc <- rekognition_default()
  bytes <- serialize(list(as.list(the), svc), NULL)
  expect_length(grepRaw("hunter2hunter2", bytes, fixed = TRUE), 0)
})
