test_that("the API returns the verdict, and nothing else", {
  emulator <- rekognition::local_emulator(check_after = Inf)
  request <- local_api(checks_api())
  id <- request("POST", "/checks")$body$SessionId
  path <- paste0("/checks/", id)
  expect_identical(request("GET", path)$body, list(passed = FALSE))
  emulator$check(id, confidence = 97.5)
  expect_identical(request("GET", path), list(status = 200L, body = list(passed = TRUE)))
})

test_that("a throttled request is sent again", {
  emulator <- rekognition::local_emulator(check_after = Inf)
  request <- local_api(checks_api())
  id <- request("POST", "/checks")$body$SessionId
  emulator$check(id, confidence = 97.5)
  emulator$fault("throttle", times = 2)
  expect_true(request("GET", paste0("/checks/", id))$body$passed)
  expect_identical(utils::tail(emulator$requests()$status_code, 3), c(400L, 400L, 200L))
})

test_that("an error of the service is 503, without its message", {
  emulator <- rekognition::local_emulator(check_after = Inf)
  request <- local_api(checks_api())
  id <- request("POST", "/checks")$body$SessionId
  emulator$fault("error", code = "AccessDeniedException", message = "arn:aws:iam::111122223333:role/secret")
  response <- request("GET", paste0("/checks/", id))
  expect_identical(response$status, 503L)
  expect_no_match(response$body$error, "arn")
})

test_that("a lost response does not create a second session", {
  emulator <- rekognition::local_emulator(check_after = Inf)
  request <- local_api(checks_api())
  emulator$fault("drop")
  id <- request("POST", "/checks")$body$SessionId
  requests <- emulator$requests()
  expect_identical(nrow(requests), 2L)
  expect_length(unique(requests$client_request_token), 1)
  # The session that the API has returned is the one of the first request.
  expect_silent(emulator$check(id))
})

test_that("a promise of the API has a value or an error", {
  emulator <- rekognition::local_emulator(check_after = Inf)
  created <- value_of(rekognition::rekognition_promise(rekognition::rekognition_create_face_liveness_session))
  expect_named(created, "SessionId")
  emulator$fault("error", code = "AccessDeniedException")
  promise <- rekognition::rekognition_promise(rekognition::rekognition_create_face_liveness_session)
  expect_error(value_of(promise), class = "AccessDeniedException")
})
