sample_image <- function() {
  system.file("extdata", "face-0.jpg", package = "rekognition")
}

test_that("an image is made from a path, from bytes, and from an image of a result", {
  path <- sample_image()
  bytes <- readBin(path, "raw", file.size(path))
  from_file <- rekognition_image(path)
  expect_s3_class(from_file, c("rekognition_image", "liveness_image"), exact = TRUE)
  expect_named(from_file, c("Bytes", "S3Object"))
  expect_identical(from_file$Bytes, bytes)
  expect_identical(lengths(from_file$S3Object), c(Bucket = 0L, Name = 0L, Version = 0L))
  expect_identical(rekognition_image(bytes)$Bytes, bytes)
  expect_identical(rekognition_image(from_file), from_file)

  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  reference <- svc$get_face_liveness_session_results(id)$ReferenceImage
  expect_identical(rekognition_image(reference)$Bytes, reference$Bytes)
  expect_named(rekognition_image(reference), c("Bytes", "S3Object"))
  in_row <- liveness_results(id, svc)$reference_image[[1]]
  expect_identical(rekognition_image(in_row)$Bytes, reference$Bytes)
})

test_that("an image is made from the URI of an object in S3", {
  object <- function(uri) rekognition_image(uri)$S3Object
  expect_identical(object("s3://bucket/key"), list(Bucket = "bucket", Name = "key", Version = character(0)))
  expect_identical(
    object("s3://bucket/a/b c%20\u00e9.jpg?versionId=x.y"),
    list(Bucket = "bucket", Name = "a/b c%20\u00e9.jpg", Version = "x.y")
  )
  expect_identical(object("s3://bucket//key?x=1")$Name, "/key?x=1")
  # A file with such a name is not read.
  withr::local_dir(withr::local_tempdir())
  dir.create("s3:/bucket", recursive = TRUE)
  writeLines("text", "s3://bucket/key")
  expect_identical(rekognition_image("s3://bucket/key")$Bytes, raw(0))
  for (uri in c("s3://", "s3://bucket", "s3://bucket/", "s3:///key")) {
    error <- caught(rekognition_image(uri))
    expect_s3_class(error, "rekognition_argument_error")
    expect_match(conditionMessage(error), uri, fixed = TRUE)
  }
})

test_that("an image prints on one line, without its bytes", {
  path <- sample_image()
  expect_output(print(rekognition_image(path)), "^<JPEG 480x640, [0-9.]+ kB, .*face-0[.]jpg>$")
  expect_output(
    print(rekognition_image("s3://bucket/key?versionId=1")),
    "<s3://bucket/key?versionId=1>",
    fixed = TRUE
  )
  expect_length(capture.output(str(rekognition_image(path))), 1)
  expect_identical(as.character(rekognition_image("s3://bucket/key")), "s3://bucket/key")
})

test_that("what is no image is an error that does not contain the image", {
  for (x in list(
    5,
    NULL,
    NA,
    TRUE,
    c("a", "b"),
    list(),
    list(Name = "x"),
    raw(0),
    list(Bytes = raw(0)),
    ""
  )) {
    error <- caught(rekognition_image(x))
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, "x")
  }
  expect_identical(caught(rekognition_image())$argument, "x")
  expect_s3_class(caught(rekognition_image("no-such-file.jpg")), "rekognition_file_error")
  # An image that a result does not have.
  expect_s3_class(caught(rekognition_image(nothing()$ReferenceImage)), "rekognition_argument_error")
  error <- caught(do.call(rekognition_image, list(list(as.raw(1:200)))))
  expect_identical(conditionCall(error), quote(rekognition_image(...)))
})

test_that("an operation takes an image as it is, and ignores the box of a result's image", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  reference <- svc$get_face_liveness_session_results(id)$ReferenceImage
  direct <- svc$compare_faces(SourceImage = reference, TargetImage = rekognition_image(sample_image()))
  converted <- svc$compare_faces(
    rekognition_image(reference),
    list(Bytes = rekognition_image(sample_image())$Bytes)
  )
  expect_gt(length(direct$FaceMatches) + length(direct$UnmatchedFaces), 0)
  expect_identical(direct, converted)
  # The emulator has no S3: it has received the object.
  expect_s3_class(caught(svc$detect_faces(rekognition_image("s3://bucket/key"))), "InvalidS3ObjectException")
})
