# The arguments of the client's functions. Those of the operations are in test-operations.R.

argument_message <- function(expr) {
  conditionMessage(expect_error(expr, class = "rekognition_argument_error"))
}

test_that("a number of the wrong type and a number out of bounds have different messages", {
  svc <- rekognition(region = "us-east-1")
  wait <- function(...) argument_message(liveness_wait(some_id, svc, ...))
  expect_identical(wait(timeout = "1"), "`timeout` must be a number, not a string.")
  expect_identical(wait(timeout = -1), "`timeout` must be at least 0, not -1.")
  expect_identical(wait(interval = 0.01), "`interval` must be at least 0.05, not 0.01.")
  expect_identical(wait(max_active = 0), "`max_active` must be a whole number from 1 to 1000, not 0.")
  expect_identical(wait(max_active = 1.5), "`max_active` must be a whole number, not 1.5.")
  expect_identical(
    argument_message(liveness_results(rep("a", 100001), svc)),
    "`session_ids` must have at most 100000 elements, not 100001."
  )
})

test_that("an unnamed, an unknown and a duplicate argument in `...` are errors that say so", {
  svc <- rekognition(region = "us-east-1")
  wait <- function(...) argument_message(liveness_wait(some_id, svc, 1, 1, ...))
  expect_identical(wait(10), "Arguments in the `...` of `liveness_wait()` must be named.")
  expect_identical(
    wait(images = "keep", 10),
    "Arguments in the `...` of `liveness_wait()` must be named."
  )
  expect_identical(wait(imges = "keep"), "`liveness_wait()` does not accept `imges`. Did you mean `images`?")
  expect_identical(
    wait(images = "keep", images = "drop"),
    "`images` is given more than once in `liveness_wait()`."
  )
})

test_that("a message names the type of a value, not the value", {
  svc <- rekognition(region = "us-east-1")
  type_of <- function(x) {
    message <- argument_message(svc$get_face_liveness_session_results(x))
    sub("^`SessionId` must be a string, not (.*)[.]$", "\\1", message)
  }
  expect_identical(type_of(NA), "NA")
  expect_identical(type_of(TRUE), "TRUE")
  expect_identical(type_of(42), "a number")
  expect_identical(type_of(c("a", "b")), "a character vector of length 2")
  expect_identical(type_of(1:3), "an integer vector of length 3")
  expect_identical(type_of(list("secret")), "a list")
  expect_identical(type_of(mean), "a function")
  expect_identical(type_of(globalenv()), "an environment")
  expect_identical(type_of(factor("a")), "a factor")
})
