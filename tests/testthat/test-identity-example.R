# The example of vignette("identity"): a decision and a reason for each person.

# Its functions, on an emulator of this test. Sourcing the file also runs its own flow, which prints.
local_identity <- function(frame = parent.frame()) {
  identity <- new.env(parent = globalenv())
  file <- system.file("examples", "identity", "identity.R", package = "rekognition")
  utils::capture.output(sys.source(file, identity))
  identity$emulator <- test_emulator(frame = frame)
  identity$svc <- rekognition(identity$emulator$config)
  identity$svc$create_collection("customers")
  identity
}

sample_file <- function(file) system.file("extdata", file, package = "rekognition")

# The decision on a person whose check shows these images; by default those of the emulator.
decide_on <- function(identity, images, document, user = "user-1", ...) {
  id <- identity$svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))$SessionId
  identity$emulator$check(id, ..., image = if (!is.null(images)) lapply(images, sample_file))
  result <- liveness_results(id, identity$svc)
  identity$identify(identity$svc, "customers", user, result, rekognition_image(sample_file(document)))
}

faces_in <- function(identity) {
  identity$svc$describe_collection("customers")$FaceCount
}

test_that("the example runs as its first lines say, and enrolls only those who pass", {
  skip_on_cran()
  skip_if_not_installed("callr")
  output <- run_elsewhere(
    function() {
      utils::capture.output(source(system.file(
        "examples",
        "identity",
        "identity.R",
        package = "rekognition"
      )))
    },
    list()
  )
  rows <- grep("^[0-9] +user-", output, value = TRUE)
  decisions <- regmatches(rows, regexpr("pass|review|fail", rows))
  expect_identical(decisions, c("pass", "pass", "review", "fail", "fail", "review"))
  expect_match(rows[3], "also enrolled as user-1")
  # At the end, the first user is gone.
  expect_match(output[length(output)], "0 rows")
})

test_that("a person is enrolled once, and found under another account", {
  identity <- local_identity()
  images <- c("person-2-0.jpg", "person-2-1.jpg")
  first <- decide_on(identity, images, "person-2-id.jpg")
  expect_identical(first$decision, "pass")
  expect_length(first$face_ids[[1]], 2)
  # The same person with the same account, then with another one.
  expect_identical(decide_on(identity, images, "person-2-id.jpg")$decision, "pass")
  other <- decide_on(identity, images, "person-2-id.jpg", user = "user-2")
  expect_identical(other$reason, "also enrolled as user-1")
  expect_identical(faces_in(identity), 2)

  identity$forget(identity$svc, "customers", "user-1", first$face_ids[[1]])
  expect_identical(faces_in(identity), 0)
  # Again is not an error.
  expect_silent(identity$forget(identity$svc, "customers", "user-1", first$face_ids[[1]]))
  expect_silent(identity$forget(identity$svc, "customers", "user-1", character()))
})

test_that("nothing is compared for a person who is not live", {
  identity <- local_identity()
  for (outcome in list(list(confidence = 89.9), list(status = "FAILED"), list(status = "EXPIRED"))) {
    row <- do.call(decide_on, c(list(identity, NULL, "person-1-id.jpg"), outcome))
    expect_identical(row[c("decision", "reason")], data.frame(decision = "fail", reason = "not live"))
  }
  operations <- unique(identity$emulator$requests()$operation)
  expect_setequal(
    operations,
    c("CreateCollection", "CreateFaceLivenessSession", "GetFaceLivenessSessionResults")
  )
})

test_that("images that cannot be compared go to review, and no face is enrolled", {
  identity <- local_identity()
  row <- decide_on(identity, NULL, "person-1-id.jpg", reference_image = FALSE)
  expect_identical(row$reason, "no reference image")
  row <- decide_on(identity, "person-2-0.jpg", "group.jpg")
  expect_identical(row$reason, "3 faces on the document")
  expect_gt(row$similarity, 97)
  identity$emulator$face(sample_file("person-2-id.jpg"), NULL)
  row <- decide_on(identity, "person-2-0.jpg", "person-2-id.jpg")
  expect_identical(row$reason, "0 faces on the document")
  expect_identical(row$similarity, NA_real_)
  expect_identical(row$decision, "review")
  expect_identical(faces_in(identity), 0)
})

test_that("an image of poor quality, which the service does not index, is noticed", {
  identity <- local_identity()
  poor <- list(UnindexedFaces = list(list(Reasons = list("LOW_SHARPNESS"))))
  identity$emulator$put_response("IndexFaces", poor)
  row <- decide_on(identity, "person-2-0.jpg", "person-2-id.jpg")
  expect_identical(row$decision, "review")
  expect_identical(row$reason, "no face could be enrolled")
  expect_identical(identity$svc$list_users("customers")$Users, list())
})

test_that("a live person with a document of their own does not become a user who is someone else", {
  identity <- local_identity()
  first <- decide_on(identity, c("person-2-0.jpg", "person-2-1.jpg"), "person-2-id.jpg")
  expect_identical(first$decision, "pass")
  other <- decide_on(identity, c("person-3-0.jpg", "person-3-1.jpg"), "person-3-id.jpg")
  expect_identical(other$decision, "review")
  expect_identical(other$reason, "no face could be enrolled")
  expect_identical(other$face_ids[[1]], character())
  # None of their faces stays in the collection.
  expect_identical(faces_in(identity), 2)
})

test_that("an error of the service is not a decision", {
  identity <- local_identity()
  identity$emulator$put_response(
    "CompareFaces",
    list(`__type` = "AccessDeniedException"),
    status_code = 400
  )
  expect_error(
    decide_on(identity, "person-2-0.jpg", "person-2-id.jpg"),
    class = "AccessDeniedException"
  )
})
