test_that("a client prints in a few lines and without its secrets", {
  svc <- rekognition(
    config = list(proxy = "http://me:hunter3@proxy:1"),
    credentials = list(
      creds = list(
        access_key_id = "AKIAEXAMPLE",
        secret_access_key = "hunter1",
        session_token = "hunter2"
      )
    ),
    region = "eu-west-1"
  )
  shown <- c(
    capture.output(print(svc)),
    capture.output(str(svc)),
    format(svc),
    capture.output(dput(svc)),
    capture.output(print(unclass(svc))),
    capture.output(str(unclass(svc))),
    capture.output(print(as.list(environment(svc$get_face_liveness_session_results)))),
    capture.output(str(as.list(environment(svc$get_face_liveness_session_results)$handle))),
    capture.output(print(as.list(environment(svc$get_face_liveness_session_results)$handle))),
    capture.output(dput(as.list(environment(svc$get_face_liveness_session_results)$handle)))
  )
  expect_false(any(grepl("hunter", shown)))
  expect_lte(length(capture.output(print(svc))), 6)
  expect_snapshot(print(svc))
})

test_that("print shows where settings come from", {
  withr::local_envvar(
    AWS_REGION = "ap-south-1",
    AWS_ACCESS_KEY_ID = "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY = "x"
  )
  expect_snapshot(print(rekognition()))
  withr::local_envvar(AWS_REGION = NA, AWS_ACCESS_KEY_ID = NA, AWS_SECRET_ACCESS_KEY = NA)
  expect_snapshot(print(rekognition()))
})

test_that("an operation does not depend on the form of the call", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- svc$create_face_liveness_session()$SessionId
  expected <- svc$get_face_liveness_session_results(SessionId = id)

  f <- svc$get_face_liveness_session_results
  holder <- list(deep = list(svc = svc))
  copy <- new.env()
  assign("svc", svc, copy)
  expect_identical(f(id), expected)
  expect_identical(lapply(list(id, id), f), list(expected, expected))
  expect_identical(Map(svc$get_face_liveness_session_results, id)[[1]], expected)
  expect_identical(do.call(f, list(id)), expected)
  expect_identical(do.call(svc$get_face_liveness_session_results, list(SessionId = id)), expected)
  expect_identical(with(svc, get_face_liveness_session_results(id)), expected)
  expect_identical((svc$get_face_liveness_session_results)(id), expected)
  expect_identical(svc[["get_face_liveness_session_results"]](id), expected)
  expect_identical(holder$deep$svc$get_face_liveness_session_results(id), expected)
  expect_identical(eval(quote(svc$get_face_liveness_session_results(id)), list(id = id), copy), expected)
  expect_identical(id |> svc$get_face_liveness_session_results(), expected)
})

test_that("several clients can be used side by side", {
  here <- test_emulator(region = "us-east-1")
  there <- test_emulator(region = "eu-west-1")
  svc_here <- rekognition(config = here$config)
  svc_there <- rekognition(config = there$config)
  id <- svc_here$create_face_liveness_session()$SessionId
  expect_identical(svc_here$get_face_liveness_session_results(id)$Status, "CREATED")
  expect_error(svc_there$get_face_liveness_session_results(id), class = "SessionNotFoundException")
  expect_identical(svc_here$get_face_liveness_session_results(id)$Status, "CREATED")
  expect_equal(nrow(there$requests()), 1)
})

test_that("a client works after it was saved, and in another process", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- svc$create_face_liveness_session()$SessionId
  file <- withr::local_tempfile()
  saveRDS(svc, file)

  expect_identical(readRDS(file)$get_face_liveness_session_results(id)$Status, "CREATED")
  expect_identical(capture.output(print(readRDS(file))), capture.output(print(svc)))
  status <- run_elsewhere(
    function(file, id) readRDS(file)$get_face_liveness_session_results(id)$Status,
    list(file, id)
  )
  expect_identical(status, "CREATED")
  sent <- run_elsewhere(function(svc, id) svc$get_face_liveness_session_results(id)$Status, list(svc, id))
  expect_identical(sent, "CREATED")
})

test_that("a saved client contains no secrets of the environment", {
  withr::local_envvar(AWS_ACCESS_KEY_ID = "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY = "hunter1hunter1")
  emulator <- test_emulator()
  svc <- rekognition(endpoint = emulator$url, region = "us-east-1")
  expect_error(svc$get_face_liveness_session_results(some_id), class = "UnrecognizedClientException")
  saved <- rawToChar(Filter(function(b) b != 0, serialize(svc, NULL, ascii = TRUE)))
  expect_false(grepl("hunter1", saved))
})

test_that("the random number generator is not used and nothing is printed", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  set.seed(1)
  before <- .Random.seed
  emulator$fault("throttle", times = 1)
  expect_silent(id <- svc$create_face_liveness_session()$SessionId)
  expect_silent(svc$get_face_liveness_session_results(id))
  expect_identical(.Random.seed, before)
})

test_that("print() of a client, an emulator, a situation report and a secret refuses unknown arguments", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  secret <- get("new_secret", asNamespace("rekognition"))("x")
  for (x in list(svc, emulator, rekognition_sitrep(svc), secret)) {
    expect_error(print(x, n = 5), class = "rekognition_argument_error")
    expect_output(print(list(x), digits = 3))
  }
})
