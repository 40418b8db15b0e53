test_that("a session goes from created to its results", {
  emulator <- test_emulator(check_after = 10, check_takes = 20)
  svc <- rekognition(config = emulator$config)
  created <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))
  expect_named(created, "SessionId")
  id <- created$SessionId
  status <- function() svc$get_face_liveness_session_results(SessionId = id)$Status
  expect_identical(status(), "CREATED")
  emulator$advance(10)
  expect_identical(status(), "IN_PROGRESS")
  emulator$advance(20)
  results <- svc$get_face_liveness_session_results(SessionId = id)
  expect_identical(results$Status, "SUCCEEDED")
  expect_gte(results$Confidence, 90)
  expect_length(results$AuditImages, 4)
  sample_jpeg <- function(n) {
    file <- system.file("extdata", sprintf("face-%d.jpg", n), package = "rekognition")
    readBin(file, "raw", file.size(file))
  }
  expect_identical(results$ReferenceImage$Bytes, sample_jpeg(0))
  expect_identical(results$AuditImages[[4]]$Bytes, sample_jpeg(4))
  emulator$advance(150)
  expect_identical(status(), "EXPIRED")
  emulator$advance(420)
  expect_error(status(), class = "SessionNotFoundException")
})

test_that("a session ID must be one string", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  bad <- list(
    NULL,
    NA,
    NA_character_,
    character(0),
    c(some_id, some_id),
    5,
    TRUE,
    list(some_id),
    factor(some_id),
    as.raw(1),
    sum,
    broken
  )
  for (SessionId in bad) {
    error <- caught(svc$get_face_liveness_session_results(SessionId))
    expect_s3_class(
      error,
      c("rekognition_argument_error", "rekognition_error", "error", "condition"),
      exact = TRUE
    )
    expect_identical(error$argument, "SessionId")
  }
  expect_error(svc$get_face_liveness_session_results(), class = "rekognition_argument_error")
  expect_error(rekognition_get_face_liveness_session_results(), class = "rekognition_argument_error")
  expect_error(svc$get_face_liveness_session_results(some_id, 2), "unused argument")
  expect_equal(nrow(emulator$requests()), 0)
})

test_that("any string reaches the service unchanged", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  latin1 <- "caf\xe9"
  Encoding(latin1) <- "latin1"
  ids <- list(
    "",
    "x",
    "a \"b\" \\ /\n",
    "\u00e9\u4e16\U1F600",
    latin1,
    c(name = "named"),
    structure("s", class = "glue")
  )
  for (id in ids) {
    expect_error(svc$get_face_liveness_session_results(id), class = "ValidationException")
  }
  expect_identical(emulator$requests()$session_id, enc2utf8(vapply(ids, as.vector, "")))
})

test_that("settings of a new session reach the service", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- svc$create_face_liveness_session(
    KmsKeyId = "alias/key",
    Settings = list(
      OutputConfig = list(S3Bucket = "liveness-bucket", S3KeyPrefix = "a/b"),
      AuditImagesLimit = 2L,
      ChallengePreferences = list(
        list(Type = "FaceMovementChallenge", Versions = list(Minimum = "1.0.0", Maximum = "1.9.9")),
        list(Type = "FaceMovementAndLightChallenge")
      )
    ),
    ClientRequestToken = "token-1"
  )$SessionId
  expect_identical(emulator$requests()$client_request_token, "token-1")
  emulator$check(id)
  results <- svc$get_face_liveness_session_results(id)
  expect_identical(results$ReferenceImage$Bytes, raw(0))
  expect_identical(
    results$ReferenceImage$S3Object,
    list(Bucket = "liveness-bucket", Name = paste0("a/b/", id, "/reference.jpg"), Version = character(0))
  )
  expect_length(results$AuditImages, 2)
})

test_that("the same token returns the same session, and each call has a token", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  create <- function(...) svc$create_face_liveness_session(...)$SessionId
  expect_identical(create(ClientRequestToken = "a"), create(ClientRequestToken = "a"))
  expect_false(create() == create())
  expect_false(anyNA(emulator$requests()$client_request_token))
})

test_that("arguments of a new session are checked for type and length", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  argument <- function(...) {
    error <- caught(svc$create_face_liveness_session(...))
    expect_s3_class(error, "rekognition_argument_error")
    error$argument
  }
  settings <- function(...) argument(Settings = list(...))
  expect_identical(argument(KmsKeyId = 1), "KmsKeyId")
  expect_identical(argument(ClientRequestToken = c("a", "b")), "ClientRequestToken")
  expect_identical(argument(Settings = "x"), "Settings")
  expect_identical(settings(AuditImageLimit = 1), "Settings")
  expect_identical(settings(AuditImagesLimit = "1"), "Settings$AuditImagesLimit")
  expect_identical(settings(AuditImagesLimit = 1.5), "Settings$AuditImagesLimit")
  expect_identical(settings(OutputConfig = "bucket"), "Settings$OutputConfig")
  expect_identical(settings(OutputConfig = list()), "Settings$OutputConfig$S3Bucket")
  expect_identical(settings(OutputConfig = list(S3Bucket = "b", Prefix = "x")), "Settings$OutputConfig")
  expect_identical(settings(ChallengePreferences = "x"), "Settings$ChallengePreferences")
  expect_identical(settings(ChallengePreferences = list(Type = "x")), "Settings$ChallengePreferences")
  expect_identical(settings(ChallengePreferences = list(list())), "Settings$ChallengePreferences[[1]]$Type")
  expect_equal(nrow(emulator$requests()), 0)
  # The service checks its own rules.
  expect_error(
    svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 5)),
    "less than or equal to 4",
    class = "ValidationException"
  )
})

test_that("a loop over sessions does not keep the images of past sessions in memory", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  images <- rep(list(list(Bytes = raw(200e3))), 5)
  emulator$put_result(some_id, list(SessionId = some_id, Status = "SUCCEEDED", AuditImages = images))
  gc()
  is_collected <- FALSE
  reg.finalizer(new.env(), function(e) is_collected <<- TRUE)
  # 16 MB of images: R itself would collect after 64 MB.
  for (i in 1:16) {
    svc$get_face_liveness_session_results(some_id)
  }
  expect_true(is_collected)
})
