labels <- list(Labels = list(list(Name = "Person", Confidence = 99.5)), LabelModelVersion = "3.0")

detect_labels <- function(svc) svc$detect_labels(list(Bytes = charToRaw("x")))

test_that("put_response() sets the response of any operation", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  error <- caught(detect_labels(svc))
  expect_s3_class(error, "EmulatorNotScriptedException")
  expect_match(conditionMessage(error), "emulator$put_response(\"DetectLabels\"", fixed = TRUE)
  for (name in c("DetectLabels", "detect_labels")) {
    emulator$put_response(name, labels)
    found <- detect_labels(svc)
    expect_identical(found$Labels[[1]]$Name, "Person")
    expect_identical(found$Labels[[1]]$Confidence, 99.5)
    expect_identical(found$LabelModelVersion, "3.0")
  }
})

test_that("a response is given as many times as it was set for, and replaces the one before", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$put_response("ListCollections", list(CollectionIds = "a"))
  emulator$put_response("ListCollections", list(CollectionIds = c("b", "c")), times = 2)
  expect_identical(svc$list_collections()$CollectionIds, list("b", "c"))
  expect_identical(svc$list_collections()$CollectionIds, list("b", "c"))
  expect_identical(svc$list_collections()$CollectionIds, list())
})

test_that("a result can be set as it was fetched", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  svc$create_collection("c")
  described <- svc$describe_collection("c")
  svc$delete_collection("c")
  emulator$put_response("DescribeCollection", described)
  expect_identical(svc$describe_collection("c"), described)
})

test_that("text, bytes and errors are sent as they are", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  emulator$put_response("DetectLabels", "{\"Labels\":[")
  expect_error(detect_labels(svc), class = "rekognition_response_error")
  emulator$put_response("DetectLabels", charToRaw("{\"LabelModelVersion\":\"9\"}"), headers = c("x-a" = "b"))
  expect_identical(detect_labels(svc)$LabelModelVersion, "9")
  refusal <- list(`__type` = "ImageTooLargeException", Message = "caf\u00e9")
  emulator$put_response("DetectLabels", refusal, status_code = 400)
  expect_error(detect_labels(svc), "caf\u00e9", class = "ImageTooLargeException")
})

test_that("a response must be as the operation returns it", {
  emulator <- test_emulator()
  expect_snapshot({
    show_error(emulator$put_response("DetectLabels", list(Labels = list(list(Name = 5)))))
    show_error(emulator$put_response("DetectLabels", list(Labels = list(list(Nam = "x")))))
    show_error(emulator$put_response("DetectLabels", list(Labels = "x")))
    show_error(emulator$put_response("DetectLabels", list(Label = list())))
    show_error(emulator$put_response("DetectLabels", 5))
    show_error(emulator$put_response("DetectLabel", list()))
    show_error(emulator$put_response("detect_label", list()))
    show_error(emulator$put_response("xyz", list()))
    show_error(emulator$put_response(5, list()))
    show_error(emulator$put_response("DetectLabels", list(), times = 0))
    show_error(emulator$put_response("DetectLabels"))
    show_error(emulator$put_response())
  })
  svc <- rekognition(config = emulator$config)
  expect_error(detect_labels(svc), class = "EmulatorNotScriptedException")
})

test_that("text in other encodings is set as UTF-8", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  latin1 <- "caf\xe9"
  Encoding(latin1) <- "latin1"
  emulator$put_response("DetectLabels", list(LabelModelVersion = latin1))
  expect_identical(detect_labels(svc)$LabelModelVersion, "caf\u00e9")
  emulator$put_response("DetectLabels", list(LabelModelVersion = "1"))
  expect_error(
    emulator$put_response("DetectLabels", list(LabelModelVersion = broken)),
    class = "rekognition_argument_error"
  )
})

test_that("inputs of all operations are checked, also if their responses are set", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$put_response("DetectLabels", labels)
  error <- caught(svc$detect_labels(list(Bytes = charToRaw("x")), MinConfidence = 101))
  expect_s3_class(error, "ValidationException")
  expect_match(conditionMessage(error), "minConfidence")
})

test_that("an operation may succeed although its response is lost", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  for (kind in c("close", "reset", "throttle")) {
    emulator$fault(kind)
    expect_identical(svc$create_collection(kind)$StatusCode, 200L)
  }
  emulator$fault("drop")
  expect_error(svc$create_collection("drop"), class = "ResourceAlreadyExistsException")
  expect_identical(svc$describe_collection("drop")$FaceCount, 0)
  # The token makes it idempotent.
  emulator$fault("drop")
  expect_length(svc$create_user("drop", "anna"), 0)
})

test_that("a fault can hit the first request of each input", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$fault("throttle", times = "first")
  svc$create_collection("a")
  svc$create_collection("b")
  svc$describe_collection("a")
  svc$describe_collection("a")
  requests <- emulator$requests()
  expect_identical(requests$operation, rep(c("CreateCollection", "DescribeCollection"), c(4, 3)))
  expect_identical(requests$status_code, c(400L, 200L, 400L, 200L, 400L, 200L, 200L))
})

test_that("responses with a limit are returned in the order in which they were set", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  status <- function() svc$get_label_detection("job")$JobStatus
  put <- function(status, ...) emulator$put_response("get_label_detection", list(JobStatus = status), ...)
  put("IN_PROGRESS", times = 2)
  put("SUCCEEDED")
  expect_identical(replicate(4, status()), c("IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED", "SUCCEEDED"))
  # Instead of the one without a limit.
  put("FAILED", times = 1)
  expect_identical(status(), "FAILED")
  expect_error(status(), class = "EmulatorNotScriptedException")
  expect_error(put("FAILED", times = 0), "at least 1, or Inf", class = "rekognition_argument_error")
})
