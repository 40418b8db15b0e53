test_that("a client has every operation and completes their names", {
  svc <- rekognition(region = "us-east-1")
  expect_gt(length(svc), 70)
  expect_length(names(svc), length(svc))
  expect_true(all(c("detect_faces", "list_tags_for_resource", "compare_faces") %in% names(svc)))
  expect_identical(utils::.DollarNames(svc, "^list_t"), "list_tags_for_resource")
  expect_identical(names(formals(svc$compare_faces)), names(formals(rekognition_compare_faces)))
  expect_named(formals(svc$detect_faces), c("Image", "Attributes"))
  exported <- getNamespaceExports("rekognition")
  expect_identical(setdiff(paste0("rekognition_", names(svc)), exported), character())
  functions <- lapply(svc, formals)
  expect_named(functions, names(svc))
  expect_identical(functions$detect_faces, formals(svc$detect_faces))
  expect_identical(formals(svc[[1]]), formals(svc[[names(svc)[1]]]))
  expect_named(svc[c("detect_faces", "detect_text")], c("detect_faces", "detect_text"))
})

test_that("required arguments have no default, the others are NULL", {
  arguments <- formals(rekognition_search_faces)
  expect_identical(arguments$CollectionId, quote(expr = ))
  expect_identical(arguments$FaceId, quote(expr = ))
  expect_null(arguments$MaxFaces)
})

test_that("a name that is no operation is an error with near misses", {
  svc <- rekognition(region = "us-east-1")
  error <- caught(svc$detect_face(list()))
  expect_s3_class(error, "rekognition_argument_error")
  expect_match(
    conditionMessage(error),
    "no operation `detect_face`. Did you mean `detect_faces`",
    fixed = TRUE
  )
  # `$` of a list would match this.
  expect_error(svc$create_face_liveness, class = "rekognition_argument_error")
  for (name in list("create_face_liveness", "handle", "", NA_character_, 0, 1e6, NULL, list(), c("a", "b"))) {
    expect_error(svc[[name]], class = "rekognition_argument_error")
  }
  expect_lt(nchar(conditionMessage(caught(svc[["xyzzy"]]))), 200)
})

test_that("a client that an earlier version saved has all operations", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  holder <- new.env(parent = asNamespace("rekognition"))
  holder$handle <- environment(svc$detect_faces)$handle
  old <- list(
    create_face_liveness_session = function() NULL,
    get_face_liveness_session_results = function(SessionId) get_session_results(handle, SessionId)
  )
  old <- structure(lapply(old, `environment<-`, holder), class = "rekognition_client")
  file <- withr::local_tempfile()
  saveRDS(old, file)
  read <- readRDS(file)
  id <- read$create_face_liveness_session()$SessionId
  expect_identical(read$get_face_liveness_session_results(id)$Status, "CREATED")
  expect_identical(format(read), format(svc))
  expect_identical(liveness_results(id, read)$status, "CREATED")
})

test_that("an image that do.call() puts into the call is not in the condition", {
  svc <- rekognition(region = "us-east-1", credentials = list(anonymous = TRUE))
  error <- caught(do.call(svc$detect_faces, list(Image = list(Bytes = as.raw(1:255), Byts = 1))))
  expect_identical(error$argument, "Image")
  expect_identical(conditionCall(error), quote(FUN(Image = ...)))
})

test_that("arguments are checked by shape, and errors have the path", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  refused <- function(call, argument, message) {
    error <- caught(call)
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, argument)
    expect_match(conditionMessage(error), message, fixed = TRUE)
  }
  session <- function(...) svc$create_face_liveness_session(Settings = list(...))
  refused(svc$detect_faces(), "Image", "`Image` is missing.")
  refused(svc$detect_faces(NULL), "Image", "is missing")
  refused(svc$detect_faces("face.jpg"), "Image", "must be an image from `rekognition_image()`, not a string")
  refused(svc$detect_faces(list(Bytes = "face.jpg")), "Image$Bytes", "must be a raw vector, not a string")
  refused(svc$detect_faces(list(Byts = raw(1))), "Image", "Did you mean `Bytes`?")
  refused(svc$detect_faces(list(raw(1))), "Image", "must be an image from `rekognition_image()`, not a list")
  refused(svc$detect_faces(list(Bytes = raw(1), Bytes = raw(1))), "Image", "more than once")
  refused(svc$detect_faces(data.frame(Bytes = 1)), "Image", "not a data frame")
  refused(svc$detect_faces(list(), 5), "Attributes", "must be a character vector, not a number")
  refused(svc$detect_faces(list(), list("ALL", 5)), "Attributes[[2]]", "must be a string, not a number")
  refused(svc$detect_faces(list(), c("ALL", NA)), "Attributes[[2]]", "must be a string, not NA")
  refused(svc$detect_faces(list(), factor("ALL")), "Attributes", "must be a character vector, not a factor")
  refused(session(AuditImagesLimit = 1.5), "Settings$AuditImagesLimit", "a whole number, not 1.5")
  refused(session(AuditImagesLimit = 1e19), "Settings$AuditImagesLimit", "of 64 bits, not 1e+19")
  refused(session(OutputConfig = list(S3KeyPrefix = "x")), "Settings$OutputConfig$S3Bucket", "is missing")
  refused(
    session(ChallengePreferences = list(Type = "FaceMovementChallenge")),
    "Settings$ChallengePreferences",
    "must be an unnamed list, not a named list"
  )
  refused(
    session(ChallengePreferences = list(list(Type = "a"), list(Type = TRUE))),
    "Settings$ChallengePreferences[[2]]$Type",
    "must be a string, not TRUE"
  )
  image <- list()
  refused(svc$compare_faces(image, image, "80"), "SimilarityThreshold", "must be a number, not a string")
  refused(svc$compare_faces(image, image, Inf), "SimilarityThreshold", "must be a number, not Inf")
  refused(svc$compare_faces(image, image, c(1, 2)), "SimilarityThreshold", "a numeric vector of length 2")
  refused(svc$tag_resource("arn", list("a")), "Tags", "must be named")
  refused(svc$tag_resource("arn", list(a = 1)), "Tags$a", "must be a string")
  expect_equal(nrow(emulator$requests()), 0)
})

test_that("names of strings in a list do not matter", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$put_response("delete_faces", list(DeletedFaces = some_id))
  for (ids in list(some_id, c(a = some_id), list(some_id), list(a = some_id))) {
    expect_identical(svc$delete_faces("people", ids)$DeletedFaces, list(some_id))
  }
})

test_that("text in other encodings is sent as UTF-8", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  latin1 <- "caf\xe9"
  Encoding(latin1) <- "latin1"
  message <- function(call) enc2utf8(conditionMessage(caught(call)))
  expect_match(message(svc$get_face_liveness_session_results(latin1)), "'caf\u00e9'", fixed = TRUE)
  output <- list(OutputConfig = list(S3Bucket = latin1))
  expect_match(message(svc$create_face_liveness_session(Settings = output)), "'caf\u00e9'", fixed = TRUE)
  output$OutputConfig$S3Bucket <- broken
  error <- caught(svc$create_face_liveness_session(Settings = output))
  expect_identical(error$argument, "Settings$OutputConfig$S3Bucket")
  output$OutputConfig <- stats::setNames(list("a"), latin1)
  error <- caught(svc$create_face_liveness_session(Settings = output))
  expect_identical(error$argument, "Settings$OutputConfig")
})

test_that("neither keys nor images in a call are in its condition", {
  secret <- "THESECRET"
  client <- quote(rekognition(
    region = "us-east-1",
    credentials = list(creds = list(access_key_id = "AK", secret_access_key = "THESECRET"))
  ))
  image <- charToRaw("THESECRET")
  svc <- rekognition(region = "us-east-1", credentials = list(anonymous = TRUE))
  calls <- list(
    bquote(.(client)$detect_face),
    bquote(.(client)[["detect_face"]]),
    bquote(.(client)["detect_face"]),
    bquote(.(client)$detect_faces(5)),
    bquote(svc$compare_faces(.(client)$detect_faces, 1)),
    bquote(liveness_cancel(.(client))),
    bquote(svc$detect_faces(Image = list(Byte = .(image)))),
    quote(do.call(svc$detect_faces, list(Image = call("list", Byte = image)))),
    bquote(rekognition_pages(svc$list_faces, list(.(image)))),
    bquote(svc$detect_faces(function(x) .(image)))
  )
  for (call in calls) {
    error <- caught(eval(call))
    expect_s3_class(error, "rekognition_argument_error")
    shown <- paste(c(capture.output(print(error)), deparse(conditionCall(error))), collapse = " ")
    expect_no_match(shown, "THESECRET|0x54|54 48 45", info = deparse(call)[1])
  }
  given <- list(settings = 5)
  expect_identical(
    conditionCall(caught(svc$create_face_liveness_session(Settings = given$settings))),
    quote(svc$create_face_liveness_session(Settings = given$settings))
  )
})

test_that("values that are neither vectors nor lists are not taken for absent ones", {
  svc <- rekognition(region = "us-east-1", credentials = list(anonymous = TRUE))
  latin1 <- "caf\xe9"
  Encoding(latin1) <- "latin1"
  deep <- list()
  for (i in 1:20000) {
    deep <- list(deep)
  }
  for (value in list(
    new.env(),
    globalenv(),
    expression(),
    quote(x),
    as.POSIXlt(Sys.time()),
    svc,
    deep,
    sum
  )) {
    for (key in c("a", latin1)) {
      error <- caught(svc$create_face_liveness_session(KmsKeyId = key, Settings = value))
      expect_s3_class(error, "rekognition_argument_error")
      expect_match(error$argument, "^Settings")
    }
  }
  expect_error(
    svc$create_face_liveness_session(KmsKeyId = expression()),
    class = "rekognition_argument_error"
  )
  bytes <- "\xff"
  Encoding(bytes) <- "bytes"
  expect_error(svc[[bytes]], class = "rekognition_argument_error")
  expect_error(svc[[broken]], class = "rekognition_argument_error")
})
