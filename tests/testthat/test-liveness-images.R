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
  # The message of S3 names the object, but a key may contain a person's name.
  key <- results$reference_image[[1]]$S3Object$Name
  for (text in c(conditionMessage(error), error$error_response$Message)) {
    expect_match(text, "arn:aws:s3:::faces/<key>", fixed = TRUE)
    expect_no_match(text, key, fixed = TRUE)
  }
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

test_that("plots, files and reports work with fetched images", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- sessions_in_s3(emulator, svc)
  results <- liveness_results(id, svc)
  dir <- withr::local_tempdir()
  expect_identical(liveness_save(results, dir), character())
  expect_error(as.raster(results$reference_image[[1]]), "`liveness_images()` fetches it.", fixed = TRUE)

  results <- liveness_images(results, svc)
  paths <- liveness_save(results, dir)
  expect_setequal(basename(paths), c("reference.jpg", "audit-1.jpg", "audit-2.jpg"))
  read <- lapply(paths, function(path) liveness_image(path)$Bytes)
  expect_identical(read, unname(lapply(images_of(results), `[[`, "Bytes")))
  expect_identical(dim(as.raster(results$audit_images[[1]][[2]])), c(640L, 480L))
  withr::local_pdf(NULL)
  expect_invisible(plot(results))
  report <- paste(readLines(liveness_report(results, file.path(dir, "report.html"))), collapse = "")
  for (image in images_of(results)) {
    expect_true(grepl(substr(base64(image$Bytes), 1, 300), report, fixed = TRUE))
  }
})

test_that("a client from a file and a forked process fetch images, too", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  results <- liveness_results(sessions_in_s3(emulator, svc), svc)
  filled <- liveness_images(results, svc)
  file <- withr::local_tempfile()
  saveRDS(svc, file)
  expect_identical(liveness_images(results, readRDS(file)), filled)
  in_child <- parallel::mccollect(parallel::mcparallel(liveness_images(results, svc)))[[1]]
  expect_identical(in_child, filled)
  expect_identical(liveness_images(results, svc), filled)
})

test_that("Ctrl-C stops the requests, and the client keeps working", {
  skip_on_os("windows")
  skip_on_cran() # signals are late on a busy machine
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  results <- liveness_results(sessions_in_s3(emulator, svc), svc)
  emulator$fault("hang", times = 3)
  child <- callr::r_bg(
    function(config, results) {
      svc <- rekognition::rekognition(config = config)
      fetch <- function() length(rekognition::liveness_images(results, svc)$reference_image[[1]]$Bytes)
      c(tryCatch(fetch(), interrupt = function(e) "interrupted"), fetch())
    },
    list(c(emulator$config, operation_timeout = 600), results),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
  withr::defer(child$kill())
  while (object_requests(emulator) < 3 && child$is_alive()) {
    Sys.sleep(0.01)
  }
  child$interrupt()
  child$wait(300000)
  size <- sizes_of(liveness_images(results, svc))[1]
  expect_identical(child$get_result(), c("interrupted", as.character(size)))
})

test_that("other data frames keep their class, and text in any encoding is sent as UTF-8", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  results <- liveness_results(sessions_in_s3(emulator, svc), svc)
  tibble <- tibble::as_tibble(results)
  filled <- liveness_images(tibble, svc)
  expect_identical(class(filled), class(tibble))
  expect_true(all(sizes_of(filled) > 0))
  latin1 <- "caf\xe9"
  Encoding(latin1) <- "latin1"
  error <- liveness_images(with_key(results, 1, latin1), svc)$error[[1]]
  expect_identical(error$object, "s3://faces/caf\u00e9")
  broken_key <- with_key(results, 1, broken)
  error <- expect_error(liveness_images(broken_key, svc), class = "rekognition_argument_error")
  expect_identical(error$argument, "results")
})

test_that("an image without a whole address stays as it is", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  session <- nothing()
  for (object in list(list(), list(Bucket = "faces"), list(Name = "k"), list(Bucket = "faces", Name = ""))) {
    session$ReferenceImage$S3Object <- object
    expect_identical(liveness_images(session, svc), session)
  }
  session$ReferenceImage$S3Object <- list(Bucket = "faces", Name = strrep("k", 1e5))
  expect_error(liveness_images(session, svc), "too long", class = "rekognition_response_error")
  expect_identical(object_requests(emulator), 0L)
})

test_that("invalid arguments are refused", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  results <- liveness_results(some_id, svc)
  refused <- function(argument, ...) {
    error <- expect_error(liveness_images(...), class = "rekognition_argument_error")
    expect_identical(error$argument, argument)
  }
  refused("results")
  for (bad in list(NULL, "id", list(), list(SessionId = "x"), results$reference_image)) {
    refused("results", bad, svc)
  }
  refused("svc", results, emulator)
  refused("max_active", results, svc, max_active = 0)
  refused("progress", results, svc, progress = NA)
  refused("on_error", results, svc, on_error = "row")
  expect_error(liveness_images(results[c("session_id", "status")], svc), "no column `reference_image`")
})

test_that("images are fetched by the default client, and the log does not show their keys", {
  emulator <- local_emulator(check_after = Inf)
  svc <- rekognition_default()
  results <- liveness_results(sessions_in_s3(emulator, svc), svc)
  withr::local_envvar(REKOGNITION_LOG = "debug")
  log <- capture.output(filled <- liveness_images(results), type = "message")
  expect_true(all(sizes_of(filled) > 0))
  expect_length(grep("rekognition INFO GetObject: HTTP 200, request id ", log, fixed = TRUE), 3)
  # The message of a refusal can contain the key.
  results$reference_image[[1]]$S3Object$Name <- "ada.jpg"
  emulator$fault("error", times = 3, status_code = 403, code = "AccessDenied", message = "no ada.jpg")
  refused <- capture.output(again <- liveness_images(results), type = "message")
  expect_s3_class(again$error[[1]], "AccessDenied")
  expect_match(refused, "HTTP 403", all = FALSE)
  log <- c(log, refused)
  expect_false(any(grepl("jpg|audit|reference", log)))
  expect_false(any(grepl(results$session_id, log, fixed = TRUE)))
})
