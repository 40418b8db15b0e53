# The result of a check with this outcome.
result_of <- function(emulator, ...) {
  id <- rekognition::rekognition_create_face_liveness_session()$SessionId
  emulator$check(id, ...)
  rekognition::liveness_results(id)
}

test_that("only a check that succeeded with a high confidence passes", {
  emulator <- rekognition::local_emulator(check_after = Inf)
  expect_true(passes(result_of(emulator, confidence = 90)))
  expect_false(passes(result_of(emulator, confidence = 89.99)))
  for (status in c("CREATED", "IN_PROGRESS", "FAILED", "EXPIRED")) {
    expect_false(passes(result_of(emulator, status = status)), info = status)
  }
})

test_that("a session that is gone does not pass", {
  emulator <- rekognition::local_emulator(check_after = Inf)
  id <- rekognition::rekognition_create_face_liveness_session()$SessionId
  emulator$check(id, confidence = 99)
  emulator$advance(3600)
  result <- rekognition::liveness_results(id)
  expect_identical(result$error_code, "SessionNotFoundException")
  expect_false(passes(result))
})

test_that("a SUCCEEDED without a confidence does not pass", {
  emulator <- rekognition::local_emulator()
  id <- rekognition::rekognition_create_face_liveness_session()$SessionId
  emulator$put_result(id, list(SessionId = id, Status = "SUCCEEDED"))
  expect_false(passes(rekognition::liveness_results(id)))
})
