# The client of S3 is boto3, where one is needed. What is in a bucket also shows as the input of operations.

new_stored_session <- function(svc, bucket = "images", limit = 0, prefix = NULL) {
  output <- list(S3Bucket = bucket, S3KeyPrefix = prefix)
  settings <- list(OutputConfig = output, AuditImagesLimit = limit)
  svc$create_face_liveness_session(Settings = settings)$SessionId
}

# The faces of an image.
faces_of <- function(svc, image) svc$detect_faces(image, Attributes = "ALL")$FaceDetails

policy_of <- function(actions, resource) {
  sprintf(
    '{"Statement": [{"Effect": "Allow", "Action": %s, "Resource": %s},
      {"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"}]}',
    jsonlite::toJSON(actions),
    jsonlite::toJSON(resource)
  )
}

test_that("boto3 uses the emulator's buckets, and gets the errors of S3", {
  skip_without_boto3()
  emulator <- test_emulator()
  emulator$put_bucket("here")
  emulator$put_bucket("versions", versioning = TRUE)
  emulator$put_bucket("elsewhere", region = "eu-west-1")
  keys <- emulator$config$credentials$creds
  withr::local_envvar(AWS_ACCESS_KEY_ID = keys$access_key_id, AWS_SECRET_ACCESS_KEY = keys$secret_access_key)
  lines <- run_python("boto3-s3.py", emulator$url)
  flows <- c("objects", "versions", "regions", "uploads", "presigned", "encryption", "refusals", "policies")
  expect_identical(lines, paste0(flows, "\tok"))
})

test_that("the images of a session are in its bucket, with the same faces and identity as bytes", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_stored_session(svc, limit = 2, prefix = "checks/2026")
  emulator$check(id)
  stored <- svc$get_face_liveness_session_results(id)
  expect_identical(
    stored$ReferenceImage$S3Object,
    list(Bucket = "images", Name = paste0("checks/2026/", id, "/reference.jpg"), Version = character(0))
  )
  expect_length(stored$ReferenceImage$Bytes, 0)
  names <- vapply(stored$AuditImages, function(image) image$S3Object$Name, "")
  expect_identical(basename(names), c("audit-0.jpg", "audit-1.jpg"))

  bytes <- list(Bytes = sample_bytes("face-0.jpg"))
  expect_identical(faces_of(svc, stored$ReferenceImage), faces_of(svc, bytes))
  both <- svc$compare_faces(stored$ReferenceImage, bytes)$FaceMatches
  expect_identical(both[[1]]$Similarity, 100)
  document <- rekognition_image(sample_path("person-1-id.jpg"))
  expect_identical(
    svc$compare_faces(stored$AuditImages[[1]], document),
    svc$compare_faces(rekognition_image(sample_path("face-1.jpg")), document)
  )

  svc$create_collection("customers")
  uri <- rekognition_image(paste0("s3://images/", names[1]))
  indexed <- svc$index_faces("customers", uri, ExternalImageId = "customer-1")$FaceRecords[[1]]$Face
  again <- svc$index_faces(
    "customers",
    list(Bytes = sample_bytes("face-1.jpg")),
    ExternalImageId = "customer-1"
  )
  expect_identical(again$FaceRecords[[1]]$Face, indexed)
  found <- svc$search_faces_by_image("customers", stored$ReferenceImage)$FaceMatches
  expect_identical(found[[1]]$Face$FaceId, indexed$FaceId)
})

test_that("an automatic check writes its images, and they stay when the session is gone", {
  emulator <- test_emulator(check_after = 0)
  svc <- rekognition(config = emulator$config)
  id <- new_stored_session(svc)
  emulator$advance(10)
  reference <- svc$get_face_liveness_session_results(id)$ReferenceImage
  emulator$advance(600)
  expect_error(svc$get_face_liveness_session_results(id), class = "SessionNotFoundException")
  expect_length(faces_of(svc, reference), 1)
})

test_that("in a bucket with versions, results name the version of each object", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$put_bucket("images", versioning = TRUE)
  id <- new_stored_session(svc)
  images <- lapply(c("person-2-0.jpg", "person-3-0.jpg"), function(file) {
    emulator$check(id, image = sample_path(file))
    svc$get_face_liveness_session_results(id)$ReferenceImage
  })
  objects <- lapply(images, function(image) image$S3Object)
  expect_identical(objects[[1]]$Name, objects[[2]]$Name)
  expect_false(objects[[1]]$Version == objects[[2]]$Version)
  newest <- rekognition_image(paste0("s3://images/", objects[[1]]$Name))
  for (image in list(images[[2]], newest)) {
    expect_identical(faces_of(svc, image), faces_of(svc, list(Bytes = sample_bytes("person-3-0.jpg"))))
  }
  expect_identical(faces_of(svc, images[[1]]), faces_of(svc, list(Bytes = sample_bytes("person-2-0.jpg"))))
  images[[1]]$S3Object$Version <- "other"
  expect_error(faces_of(svc, images[[1]]), class = "InvalidS3ObjectException")
})

test_that("an object that is not there, or in another region, is refused as input", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_stored_session(svc)
  emulator$check(id)
  object <- svc$get_face_liveness_session_results(id)$ReferenceImage
  expect_length(faces_of(svc, object), 1)
  for (uri in c("s3://images/other.jpg", "s3://other/x.jpg")) {
    expect_error(faces_of(svc, rekognition_image(uri)), class = "InvalidS3ObjectException")
  }
  emulator$put_bucket("images", region = "eu-west-1")
  expect_error(faces_of(svc, object), class = "InvalidS3ObjectException")
  emulator$put_bucket("images")
  expect_length(faces_of(svc, object), 1)
})

test_that("session policies say who may write and read the images of a session", {
  emulator <- test_emulator()
  owner <- rekognition(config = emulator$config)
  client <- function(...) {
    rekognition(emulator$config, credentials = emulator$credentials(policy = policy_of(...)))
  }
  writer <- client("s3:PutObject", "arn:aws:s3:::images/checks/*")
  id <- new_stored_session(writer, prefix = "checks")
  expect_error(
    new_stored_session(writer, prefix = "other"),
    "s3:PutObject on resource: arn:aws:s3:::images/other/",
    fixed = TRUE,
    class = "AccessDeniedException"
  )
  emulator$check(id)
  reference <- owner$get_face_liveness_session_results(id)$ReferenceImage
  expect_error(faces_of(writer, reference), class = "InvalidS3ObjectException")
  reader <- client("s3:GetObject", "arn:aws:s3:::images/*")
  expect_length(faces_of(reader, reference), 1)

  # Another permission for versions.
  emulator$put_bucket("images", versioning = TRUE)
  emulator$check(id)
  reference <- owner$get_face_liveness_session_results(id)$ReferenceImage
  expect_error(faces_of(reader, reference), class = "InvalidS3ObjectException")
  reader <- client("s3:GetObjectVersion", "arn:aws:s3:::images/*")
  expect_length(faces_of(reader, reference), 1)
})

test_that("faults apply to S3, with its codes, and requests() shows its operations", {
  skip_if_not_installed("curl")
  emulator <- test_emulator()
  get <- function(path = "/images/a.jpg", method = "GET") {
    handle <- curl::new_handle(customrequest = method, nobody = method == "HEAD", noproxy = "*")
    response <- curl::curl_fetch_memory(paste0(emulator$url, path), handle)
    headers <- curl::parse_headers_list(response$headers)
    list(status = response$status_code, headers = headers, text = rawToChar(response$content))
  }
  emulator$fault("throttle")
  slow <- get()
  expect_identical(slow$status, 503L)
  expect_identical(slow$headers[["content-type"]], "application/xml")
  expect_match(slow$text, "<Code>SlowDown</Code>", fixed = TRUE)
  id <- emulator$requests()$request_id
  expect_identical(slow$headers[["x-amz-request-id"]], id)
  expect_match(slow$text, paste0("<RequestId>", id, "</RequestId>"), fixed = TRUE)

  emulator$fault("error", code = "InternalError", message = "a < b", status_code = 500)
  expect_match(get()$text, "<Code>InternalError</Code><Message>a &lt; b</Message>", fixed = TRUE)
  emulator$fault("html")
  expect_identical(get()$headers[["content-type"]], "text/html")
  emulator$fault("cut_off")
  expect_error(get())
  emulator$fault("dribble", seconds = 0)
  head <- get(method = "HEAD")
  expect_identical(c(head$status, nchar(head$text)), c(403L, 0L))
  emulator$fault("throttle", times = "first")
  paths <- c("/images/a.jpg", "/images/a.jpg", "/images/b.jpg", "/images/b.jpg?versionId=1")
  expect_identical(
    vapply(paths, function(path) get(path)$status, 0L, USE.NAMES = FALSE),
    c(503L, 403L, 503L, 503L)
  )
  emulator$fault("none")
  emulator$fault("rate", per_second = 1, burst = 1)
  expect_identical(c(get()$status, get()$status), c(403L, 503L))
  emulator$fault("none")

  for (method in c("HEAD", "PUT", "DELETE")) {
    get(method = method)
  }
  get("/images", "HEAD")
  get("/images")
  expect_identical(
    utils::tail(emulator$requests()$operation, 5),
    c("HeadObject", "PutObject", "DeleteObject", "HeadBucket", NA)
  )
  expect_identical(emulator$requests()$operation[1], "GetObject")
})

test_that("put_bucket() refuses what is not a bucket", {
  emulator <- test_emulator()
  refused <- function(...) {
    error <- caught(emulator$put_bucket(...))
    expect_s3_class(error, "rekognition_argument_error")
    error$argument
  }
  expect_identical(refused(), "bucket")
  for (bucket in list(1, NA, "ab", "a/b", "a b", strrep("x", 256), c("one", "two"))) {
    expect_identical(refused(bucket), "bucket")
  }
  expect_identical(refused("images", region = "a b"), "region")
  expect_identical(refused("images", region = 1), "region")
  expect_identical(refused("images", versioning = NA), "versioning")
  expect_null(emulator$put_bucket("images"))
  emulator$stop()
  expect_error(emulator$put_bucket("images"), "has been stopped", class = "rekognition_error")
})
