# Images of one's own in the results of a session: check(image = ).

new_checked_session <- function(svc, emulator, ..., limit = 4) {
  id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = limit))$SessionId
  emulator$check(id, ...)
  svc$get_face_liveness_session_results(id)
}

audit_bytes <- function(result) lapply(result$AuditImages, function(image) image$Bytes)

test_that("check(image = ) makes an image the reference image of a session", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  bytes <- sample_bytes("person-3-0.jpg")
  earlier <- new_checked_session(svc, emulator, image = bytes)$ReferenceImage
  for (image in list(
    sample_path("person-3-0.jpg"),
    liveness_image(bytes),
    earlier,
    rekognition_image(earlier)
  )) {
    result <- new_checked_session(svc, emulator, image = image, confidence = 97)
    expect_identical(result$ReferenceImage$Bytes, bytes)
    expect_identical(result$AuditImages, list())
    expect_identical(result$Confidence, 97)
  }
  face <- svc$detect_faces(list(Bytes = bytes))$FaceDetails[[1]]
  expect_identical(result$ReferenceImage$BoundingBox, face$BoundingBox)
  document <- rekognition_image(sample_path("person-3-id.jpg"))
  expect_gt(svc$compare_faces(result$ReferenceImage, document)$FaceMatches[[1]]$Similarity, 97)
  expect_length(
    svc$compare_faces(result$ReferenceImage, list(Bytes = sample_bytes("face-0.jpg")))$FaceMatches,
    0
  )
})

test_that("the other images are audit images, as many as the session allows", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  images <- lapply(1:4, new_image_bytes)
  for (limit in c(0, 2, 4)) {
    result <- new_checked_session(svc, emulator, image = images, limit = limit)
    expect_identical(result$ReferenceImage$Bytes, images[[1]])
    expect_identical(audit_bytes(result), images[seq_len(min(limit, 3)) + 1])
  }
  without <- new_checked_session(svc, emulator, image = images, reference_image = FALSE)
  expect_identical(without$ReferenceImage, nothing()$ReferenceImage)
  expect_identical(audit_bytes(without), images[-1])
  # The images of a result.
  results <- liveness_results(new_checked_session(svc, emulator, image = images)$SessionId, svc)
  again <- new_checked_session(svc, emulator, image = results$audit_images[[1]])
  expect_identical(again$ReferenceImage$Bytes, images[[2]])
  expect_identical(audit_bytes(again), images[3:4])
})

test_that("the people in images of one's own are those that face() has added", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  unknown <- new_checked_session(svc, emulator, image = list(new_image_bytes(1), new_image_bytes(2)))
  expect_length(svc$compare_faces(unknown$ReferenceImage, unknown$AuditImages[[1]])$FaceMatches, 0)
  box <- list(Width = 0.5, Height = 0.5, Left = 0.25, Top = 0.125)
  emulator$face(new_image_bytes(1), "anna", box)
  emulator$face(new_image_bytes(2), "anna")
  emulator$face(one_pixel, NULL)
  known <- new_checked_session(svc, emulator, image = list(new_image_bytes(1), new_image_bytes(2), one_pixel))
  expect_identical(known$ReferenceImage$BoundingBox, box)
  expect_length(svc$compare_faces(known$ReferenceImage, known$AuditImages[[1]])$FaceMatches, 1)
  expect_identical(known$AuditImages[[2]]$Bytes, one_pixel)
  expect_identical(known$AuditImages[[2]]$BoundingBox, nothing()$ReferenceImage$BoundingBox)
})

test_that("images of one's own are in the bucket of a session, and can come from one", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  settings <- list(OutputConfig = list(S3Bucket = "images"), AuditImagesLimit = 1)
  id <- svc$create_face_liveness_session(Settings = settings)$SessionId
  emulator$check(id, image = list(sample_path("person-3-0.jpg"), one_pixel))
  stored <- svc$get_face_liveness_session_results(id)
  expect_match(stored$AuditImages[[1]]$S3Object$Name, "/audit-0.png$")
  faces <- svc$detect_faces(stored$ReferenceImage)$FaceDetails
  expect_identical(faces, svc$detect_faces(list(Bytes = sample_bytes("person-3-0.jpg")))$FaceDetails)
  uri <- with(stored$ReferenceImage$S3Object, paste0("s3://", Bucket, "/", Name))
  for (image in list(stored$ReferenceImage, uri, rekognition_image(uri))) {
    copy <- new_checked_session(svc, emulator, image = image)$ReferenceImage
    expect_identical(copy$Bytes, sample_bytes("person-3-0.jpg"))
  }
})

test_that("check(image = ) refuses what is not an image", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  bytes <- new_image_bytes(1)
  refused <- function(image, ...) {
    error <- caught(emulator$check(id, ..., image = image))
    expect_s3_class(error, "rekognition_argument_error")
    error$argument
  }
  for (bad in list(
    1,
    TRUE,
    raw(0),
    charToRaw("text"),
    bytes[-length(bytes)],
    list(),
    "s3://images/none.jpg",
    "s3:///"
  )) {
    expect_identical(refused(bad), "image")
  }
  expect_identical(refused(list(Bytes = bytes[-length(bytes)])), "image")
  expect_identical(refused(list(bytes, bytes, 5)), "image[[3]]")
  expect_identical(refused(list(bytes, charToRaw("text"))), "image[[2]]")
  expect_identical(refused(list(bytes, charToRaw("text")), when = "streamed"), "image[[2]]")
  expect_identical(refused(bytes, status = "FAILED"), "image")
  expect_identical(refused(list(raw(5e6), raw(5e6))), "image")
  expect_error(emulator$check(id, image = "no such file.jpg"), class = "rekognition_file_error")
  # Nothing has happened.
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
})
