test_that("images in S3 get their bytes, and everything else stays as it is", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- c(sessions_in_s3(emulator, svc, 3), checked_sessions(emulator, svc, 1), some_id)
  results <- liveness_results(ids, svc)
  expect_identical(sizes_of(results) > 0, c(rep(FALSE, 3), TRUE, rep(FALSE, 6)))
  filled <- liveness_images(results, svc)
  expect_true(all(sizes_of(filled) > 1000))
  expect_identical(without_bytes(filled), without_bytes(results))
  expect_identical(filled$reference_image[[4]], results$reference_image[[4]])
  expect_identical(attr(filled$audit_images[[2]][[1]], "origin"), paste0(ids[2], "/audit-1"))
  # Another selection of rows, and columns of one's own.
  some <- results[c(3, 5, 1), ]
  some$user <- letters[1:3]
  expect_identical(
    liveness_images(some, svc),
    {
      expected <- filled[c(3, 5, 1), ]
      expected$user <- letters[1:3]
      expected
    }
  )
})

test_that("the list of a session has the same images, and keeps its shape", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- sessions_in_s3(emulator, svc)
  session <- svc$get_face_liveness_session_results(id)
  filled <- liveness_images(session, svc)
  results <- liveness_images(liveness_results(id, svc), svc)
  expect_identical(filled$ReferenceImage, plain_image(results$reference_image[[1]]))
  expect_identical(filled$AuditImages, lapply(results$audit_images[[1]], plain_image))
  expected <- session
  expected$ReferenceImage$Bytes <- filled$ReferenceImage$Bytes
  for (i in 1:2) {
    expected$AuditImages[[i]]$Bytes <- filled$AuditImages[[i]]$Bytes
  }
  expect_identical(filled, expected)

  expect_identical(liveness_images(nothing(), svc), nothing())
})

test_that("each object is requested once, and images that have bytes are not", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  results <- liveness_results(sessions_in_s3(emulator, svc), svc)
  filled <- liveness_images(results[c(1, 1, 1), ], svc)
  expect_identical(object_requests(emulator), 3L)
  expect_identical(filled$reference_image[[1]]$Bytes, filled$reference_image[[3]]$Bytes)
  expect_identical(liveness_images(filled, svc), filled)

  without_s3 <- liveness_results(checked_sessions(emulator, svc, 1), svc)
  expect_identical(liveness_images(without_s3, svc), without_s3)
  expect_identical(liveness_images(results[0, ], svc), results[0, ])
  expect_identical(object_requests(emulator), 3L)
  # A version is another object.
  other <- results
  other$audit_images[[1]] <- list(results$reference_image[[1]], results$reference_image[[1]])
  other$audit_images[[1]][[2]]$S3Object$Version <- "null"
  expect_true(all(sizes_of(liveness_images(other, svc)) > 0))
  expect_identical(object_requests(emulator), 5L)
})

test_that("images from files stay paths", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  in_files <- checked_sessions(emulator, svc, 1, Settings = list(AuditImagesLimit = 1))
  dir <- withr::local_tempdir()
  results <- liveness_results(c(in_files, sessions_in_s3(emulator, svc)), svc, dir = dir)
  filled <- liveness_images(results, svc)
  expect_identical(filled[1, ], results[1, ])
  expect_true(file.exists(filled$reference_image[[1]]))
  expect_true(all(sizes_of(filled[2, ]) > 0))
})

test_that("an image that cannot be fetched is an error of its row, until it can be", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- sessions_in_s3(emulator, svc, 2)
  results <- liveness_results(c(ids, some_id), svc)
  broken <- with_key(results, 2, "jane-doe/1.jpg")
  filled <- liveness_images(broken, svc)
  expect_identical(filled$status, c("SUCCEEDED", "SUCCEEDED", NA))
  expect_identical(filled$error_code, c(NA, "NoSuchKey", "SessionNotFoundException"))
  expect_identical(filled$error[[3]], results$error[[3]])
  expect_identical(sizes_of(filled) > 0, c(TRUE, FALSE, rep(TRUE, 4)))
  error <- filled$error[[2]]
  expect_s3_class(error, c("NoSuchKey", "http_404", "rekognition_service_error"), exact = FALSE)
  expect_identical(error$object, "s3://faces/jane-doe/1.jpg")
  expect_match(conditionMessage(error), paste0(ids[2], "/reference"), fixed = TRUE)
  expect_no_match(conditionMessage(error), "jane-doe", fixed = TRUE)
  expect_identical(conditionCall(error), quote(liveness_images(...)))

  repaired <- with_key(filled, 2, results$reference_image[[2]]$S3Object$Name)
  expect_identical(liveness_images(repaired, svc), liveness_images(results, svc))
  # A later error takes the place of an earlier one.
  again <- with_key(filled, 2, "none.jpg")
  expect_identical(liveness_images(again, svc)$error[[2]]$object, "s3://faces/none.jpg")
})

test_that("`on_error = \"stop\"` raises the first error, and so does the list of a session", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- sessions_in_s3(emulator, svc)
  results <- with_key(liveness_results(id, svc), 1, "none.jpg")
  expect_error(liveness_images(results, svc, on_error = "stop"), class = "NoSuchKey")
  session <- svc$get_face_liveness_session_results(id)
  session$AuditImages[[2]]$S3Object$Bucket <- "no-such-bucket"
  error <- expect_error(liveness_images(session, svc), class = "NoSuchBucket")
  expect_identical(error$object, s3_uri(session$AuditImages[[2]]$S3Object))
  expect_match(conditionMessage(error), paste0(id, "/audit-2"), fixed = TRUE)
  expect_identical(conditionCall(error), quote(liveness_images(...)))
})

test_that("a refusal says which permissions are needed", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  results <- liveness_results(sessions_in_s3(emulator, svc), svc)
  policy <- '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"rekognition:*","Resource":"*"}]}'
  limited <- rekognition(utils::modifyList(
    emulator$config,
    list(credentials = emulator$credentials(policy = policy))
  ))
  error <- liveness_images(results, limited)$error[[1]]
  expect_s3_class(error, "AccessDenied")
  expect_match(conditionMessage(error), "s3:GetObject, and kms:Decrypt", fixed = TRUE)
  expect_no_match(conditionMessage(error), "sts:AssumeRole", fixed = TRUE)
})

test_that("what concerns no single image is raised once", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  results <- liveness_results(sessions_in_s3(emulator, svc, 2), svc)
  withr::local_envvar(
    AWS_REGION = NA,
    AWS_DEFAULT_REGION = NA,
    AWS_PROFILE = NA,
    AWS_CONFIG_FILE = local_file("")
  )
  keys <- emulator$config$credentials
  without_region <- rekognition(credentials = keys, endpoint = emulator$url)
  expect_error(liveness_images(results, without_region), class = "rekognition_config_error")
  locked <- function() stop("the vault is locked")
  without_keys <- rekognition(
    credentials = list(creds = locked),
    endpoint = emulator$url,
    region = "us-east-1"
  )
  expect_error(liveness_images(results, without_keys), class = "rekognition_credentials_error")
  expect_identical(object_requests(emulator), 0L)
})

test_that("no image is lost while S3 throttles, and while keys expire", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  results <- liveness_results(sessions_in_s3(emulator, svc, 8), svc)
  emulator$fault("throttle", times = 10)
  expect_true(all(sizes_of(liveness_images(results, svc)) > 0))
  count <- 0
  creds <- function() {
    count <<- count + 1
    emulator$credentials(900)$creds
  }
  config <- utils::modifyList(emulator$config, list(credentials = list(creds = creds)))
  renewing <- rekognition(config = config)
  expect_true(all(sizes_of(liveness_images(results[1, ], renewing)) > 0))
  emulator$advance(1000)
  expect_true(all(sizes_of(liveness_images(results, renewing)) > 0))
  expect_identical(count, 2)
})

test_that("a bucket in another region is found", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$put_bucket("faraway", region = "eu-central-1", versioning = TRUE)
  results <- liveness_results(sessions_in_s3(emulator, svc, 2, bucket = "faraway"), svc)
  expect_match(results$reference_image[[1]]$S3Object$Version, ".")
  expect_true(all(sizes_of(liveness_images(results, svc, max_active = 1)) > 0))
  # The first request says where the bucket is.
  expect_identical(object_requests(emulator), 7L)
})

test_that("signatures and addresses are those of botocore", {
  skip_without_boto3()
  keys <- c(
    "a/b.jpg",
    "a b+c%2F&=#?.jpg",
    "caf\u00e9/\u4e16\u754c/\U1F600.jpg",
    "/a//../b/./c.jpg",
    "~-_.!*'();:@$,[]",
    "\"<>\\^`{|}",
    "x.jpg/"
  )
  object <- function(bucket, key, body, version = NULL) {
    list(bucket = bucket, key = key, body = body, version = version)
  }
  objects <- c(
    lapply(seq_along(keys), function(i) object("faces", keys[i], sprintf("ffd8%02x", i))),
    list(
      object("faces", "a/b.jpg", "ff", "v+/= 1\u00e9"),
      object("301.Faces_", "k", "aa"),
      object("307-faces", "k", "ab"),
      object("400-faces", "k", "ac"),
      object("busy", "k", "ad")
    )
  )
  s3 <- local_s3(objects)
  expected_lines <- s3$requests("boto3")
  expect_length(expected_lines, length(objects))
  # As in s3_server.py.
  svc <- rekognition(
    region = "us-east-1",
    credentials = list(
      creds = list(
        access_key_id = "AKIAEXAMPLE",
        secret_access_key = "secret/of+the=example",
        session_token = "token//of+the=example"
      )
    )
  )
  image <- function(object) {
    liveness_image(list(S3Object = list(Bucket = object$bucket, Name = object$key, Version = object$version)))
  }
  session <- nothing()
  session$AuditImages <- lapply(objects, image)
  filled <- liveness_images(session, svc)
  bodies <- vapply(filled$AuditImages, function(image) hex(image$Bytes), "")
  expect_identical(bodies, vapply(objects, `[[`, "", "body"))
  expect_setequal(s3$requests("ours"), expected_lines)

  fetch <- function(key) {
    session$AuditImages <- list(image(object("faces", key, "")))
    caught(liveness_images(session, svc))
  }
  expect_s3_class(fetch("no-such-key"), c("NoSuchKey", "http_404"), exact = FALSE)
  expect_s3_class(fetch("private.jpg"), c("AccessDenied", "http_403"), exact = FALSE)
  without_code <- fetch("nothing.jpg")
  expect_s3_class(without_code, "http_404")
  expect_identical(without_code$code, NA_character_)
  expect_identical(without_code$request_id, "4442587FB7D0A2F9")
})

test_that("an object that is no image is kept, and an error says so where it is drawn", {
  skip_without_boto3()
  emulator <- test_emulator()
  local_s3(list(list(bucket = "faces", key = "page", body = hex(charToRaw("<html>")))))
  svc <- rekognition(
    region = "us-east-1",
    credentials = list(
      creds = list(
        access_key_id = "AKIAEXAMPLE",
        secret_access_key = "secret/of+the=example",
        session_token = "token//of+the=example"
      )
    )
  )
  session <- nothing()
  session$ReferenceImage$S3Object <- list(Bucket = "faces", Name = "page", Version = character())
  image <- liveness_image(liveness_images(session, svc)$ReferenceImage)
  expect_identical(rawToChar(image$Bytes), "<html>")
  expect_match(format(image), "unknown type")
  expect_error(as.raster(image), "neither JPEG nor PNG")
})
