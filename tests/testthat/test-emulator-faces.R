sample_image <- function(file) list(Bytes = sample_bytes(file))

similarity <- function(svc, source, target) {
  found <- svc$compare_faces(list(Bytes = source), list(Bytes = target), SimilarityThreshold = 0)
  vapply(found$FaceMatches, function(match) match$Similarity, 0)
}

test_that("a person who passed a check is compared with a document, looked for, and enrolled once", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  svc$create_collection("customers")
  id <- new_session(svc)
  emulator$check(id)
  reference <- svc$get_face_liveness_session_results(id)$ReferenceImage

  compared <- svc$compare_faces(reference, sample_image("person-1-id.jpg"))
  expect_length(compared$FaceMatches, 1)
  expect_gt(compared$FaceMatches[[1]]$Similarity, 95)
  stolen <- svc$compare_faces(reference, sample_image("person-2-id.jpg"))
  expect_length(stolen$FaceMatches, 0)
  expect_length(stolen$UnmatchedFaces, 1)

  expect_identical(svc$search_faces_by_image("customers", reference)$FaceMatches, list())
  enrolled <- svc$index_faces("customers", reference, ExternalImageId = "customer-1", MaxFaces = 1)
  duplicate <- svc$search_faces_by_image("customers", sample_image("face-3.jpg"))$FaceMatches
  expect_identical(duplicate[[1]]$Face$ExternalImageId, "customer-1")
  expect_identical(duplicate[[1]]$Face$FaceId, enrolled$FaceRecords[[1]]$Face$FaceId)
  expect_identical(svc$search_faces_by_image("customers", sample_image("person-4-0.jpg"))$FaceMatches, list())
  expect_identical(svc$describe_collection("customers")$FaceCount, 1)
  expect_error(svc$create_collection("customers"), class = "ResourceAlreadyExistsException")
})

test_that("faces are grouped by users", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  svc$create_collection("c")
  svc$create_user("c", "anna")
  files <- c("person-2-0.jpg", "person-2-1.jpg", "person-3-0.jpg")
  ids <- vapply(
    files,
    function(file) {
      svc$index_faces("c", sample_image(file))$FaceRecords[[1]]$Face$FaceId
    },
    "",
    USE.NAMES = FALSE
  )
  expect_identical(svc$associate_faces("c", "anna", ids[1])$AssociatedFaces[[1]]$FaceId, ids[1])
  rest <- svc$associate_faces("c", "anna", ids)
  expect_identical(rest$AssociatedFaces[[1]]$FaceId, ids[2])
  expect_identical(rest$UnsuccessfulFaceAssociations[[1]]$Reasons, list("LOW_MATCH_CONFIDENCE"))
  found <- svc$search_users_by_image("c", sample_image("group.jpg"))
  expect_identical(found$UserMatches[[1]]$User$UserId, "anna")
  expect_length(found$UnsearchedFaces, 2)
})

test_that("face() says who is in an image", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  expect_lt(similarity(svc, new_image_bytes(1), new_image_bytes(2)), 40)
  emulator$face(new_image_bytes(1), "anna")
  path <- withr::local_tempfile()
  writeBin(new_image_bytes(2), path)
  emulator$face(path, "anna")
  expect_gt(similarity(svc, new_image_bytes(1), new_image_bytes(2)), 97)

  box <- list(Width = 0.25, Height = 0.5, Left = 0, Top = 0.125)
  emulator$face(list(Bytes = new_image_bytes(3)), "anna", box)
  emulator$face(
    liveness_image(new_image_bytes(3)),
    "bob",
    bounding_box = list(Width = 1, Height = 1, Left = 0, Top = 0)
  )
  found <- svc$detect_faces(list(Bytes = new_image_bytes(3)))$FaceDetails
  expect_length(found, 2)
  expect_identical(found[[2]]$BoundingBox, box)
  expect_identical(similarity(svc, new_image_bytes(1), new_image_bytes(3)) > 97, c(TRUE, FALSE))

  emulator$face(new_image_bytes(3), NULL)
  expect_identical(svc$detect_faces(list(Bytes = new_image_bytes(3)))$FaceDetails, list())
  expect_error(
    similarity(svc, new_image_bytes(1), new_image_bytes(3)),
    "no faces",
    class = "InvalidParameterException"
  )
})

test_that("face() refuses what is not an image, a person or a box", {
  emulator <- test_emulator()
  refused <- function(...) {
    error <- caught(emulator$face(...))
    expect_s3_class(error, "rekognition_argument_error")
    error$argument
  }
  bytes <- new_image_bytes(1)
  expect_identical(refused(), "image")
  expect_identical(refused(bytes), "person")
  for (image in list(charToRaw("text"), bytes[-length(bytes)], raw(0), 5, list(Bytes = "x"), list())) {
    expect_match(refused(image, "anna"), "^image")
  }
  for (person in list(5, NA, c("a", "b"))) {
    expect_identical(refused(bytes, person), "person")
  }
  box <- list(Width = 0.5, Height = 0.5, Left = 0, Top = 0)
  for (bad in list(5, box[-1], c(box, Right = 1), replace(box, "Width", 0), replace(box, "Top", "a"))) {
    expect_identical(refused(bytes, "anna", bad), "bounding_box")
  }
  expect_error(emulator$face("no such file.jpg", "anna"), class = "rekognition_file_error")
})

test_that("an image is refused for what it is", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  detect <- function(...) svc$detect_faces(list(...))
  expect_error(detect(Bytes = charToRaw("text")), class = "InvalidImageFormatException")
  expect_error(detect(S3Object = list(Bucket = "bucket", Name = "name")), class = "InvalidS3ObjectException")
  error <- caught(detect(Bytes = raw(5242881)))
  expect_s3_class(error, "ValidationException")
  expect_match(conditionMessage(error), "less than or equal to 5242880")
})
