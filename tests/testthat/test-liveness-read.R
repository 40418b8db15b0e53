# Sessions whose results are saved in a folder, by one region's client.
stored_results <- function(n, dir, ..., frame = parent.frame()) {
  emulator <- test_emulator(frame = frame)
  svc <- rekognition(config = emulator$config)
  liveness_results(checked_sessions(emulator, svc, n, ...), svc, dir = dir)
}

test_that("a folder gives back the data frame that the batch returned, without a client", {
  emulator <- test_emulator(region = "eu-west-1")
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 12, Settings = list(AuditImagesLimit = 3))
  emulator$check(ids[2], status = "FAILED", reference_image = FALSE)
  emulator$check(ids[3], feedback = c("LOW_LIGHTING_DETECTED", "FACE_NOT_VISIBLE"))
  # A number that a 32-bit float cannot hold, images of both types and one in a bucket.
  image <- list(Bytes = as.raw(c(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1:9)))
  emulator$put_result(
    ids[4],
    list(
      SessionId = ids[4],
      Status = "SUCCEEDED",
      Confidence = 98.63105010986328,
      ReferenceImage = list(S3Object = list(Bucket = "b", Name = "k/r.jpg")),
      AuditImages = list(image, list(S3Object = list(Bucket = "b", Name = "k/a.jpg")))
    )
  )
  dir <- withr::local_tempdir()
  results <- liveness_results(ids, svc, dir = dir)
  expect_identical(results$region, rep("eu-west-1", 12))
  emulator$stop()

  stored <- liveness_read(dir)
  expect_identical(stored$retrieved_at, sort(results$retrieved_at))
  again <- results[match(stored$session_id, results$session_id), ]
  row.names(again) <- NULL
  expect_identical(stored, again)
  expect_identical(stored$confidence[stored$session_id == ids[4]], 98.63105010986328)
  # Also with a slash at the end, and for a folder that is a link.
  expect_identical(liveness_read(paste0(dir, "/"))$confidence, stored$confidence)
})

test_that("images in S3 that were fetched and saved in the folder are read from there", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  settings <- list(OutputConfig = list(S3Bucket = "checks"), AuditImagesLimit = 2)
  ids <- checked_sessions(emulator, svc, 2, Settings = settings)
  dir <- withr::local_tempdir()
  results <- liveness_results(ids, svc, dir = dir)
  fetched <- liveness_images(results[1, ], svc)
  paths <- liveness_save(fetched, dir)
  again <- liveness_results(ids, svc, dir = dir)
  emulator$stop()
  stored <- liveness_read(dir)
  stored <- stored[match(ids, stored$session_id), ]
  expect_identical(as.character(stored$reference_image[1]), paths[1])
  expect_identical(as.character(stored$audit_images[[1]]), paths[-1])
  expect_identical(again$reference_image, stored$reference_image, ignore_attr = TRUE)
  # With the face's box of the results.
  expect_identical(
    liveness_image(paths[2])$BoundingBox,
    fetched$audit_images[[1]][[1]]$BoundingBox
  )
  # The other session's images are in the bucket only.
  expect_match(as.character(stored$reference_image[2]), "^<s3://checks/")
  expect_length(liveness_image(stored$reference_image[[2]])$Bytes, 0)
})

test_that("an empty folder has no rows, and all columns", {
  none <- liveness_read(withr::local_tempdir())
  some <- stored_results(1, withr::local_tempdir())
  expect_identical(dim(none), c(0L, ncol(some)))
  expect_identical(lapply(none, class), lapply(some, class))
  expect_identical(vapply(none, typeof, ""), vapply(some, typeof, ""))
  expect_output(print(none), "<0 sessions>", fixed = TRUE)
})

test_that("a folder that does not exist or is a file is an error with its path", {
  absent <- file.path(withr::local_tempdir(), "absent")
  error <- caught(liveness_read(absent))
  expect_s3_class(error, c("rekognition_file_error", "rekognition_error", "error"), exact = FALSE)
  expect_identical(error$path, absent)
  expect_match(conditionMessage(error), "^Cannot read folder .*absent: ")
  expect_identical(conditionCall(error), quote(liveness_read(absent)))
  expect_s3_class(caught(liveness_read(local_file("text"))), "rekognition_file_error")
  expect_false(file.exists(absent))
  for (dir in list(NULL, NA, 5, "", c("a", "b"))) {
    expect_identical(caught(liveness_read(dir))$argument, "dir")
  }
  expect_identical(caught(liveness_read())$argument, "dir")
})

test_that("sessions that an earlier version has stored have no region", {
  dir <- withr::local_tempdir()
  results <- stored_results(2, dir)
  file <- file.path(dir, results$session_id[1], "results.json")
  writeLines(sub('"Region":"us-east-1",', "", readLines(file, warn = FALSE), fixed = TRUE), file)
  stored <- liveness_read(dir)
  expect_identical(stored$region[match(results$session_id, stored$session_id)], c(NA, "us-east-1"))
  # The region of a session that is not fetched again is that of its file.
  emulator <- test_emulator(region = "eu-west-1")
  again <- liveness_results(results$session_id, rekognition(config = emulator$config), dir = dir)
  expect_identical(again$region, c(NA, "us-east-1"))
  expect_identical(nrow(emulator$requests()), 0L)
})

test_that("incomplete sessions are skipped, with one warning that names them", {
  skip_on_os("windows")
  dir <- withr::local_tempdir()
  results <- stored_results(9, dir, Settings = list(AuditImagesLimit = 1))
  ids <- results$session_id
  file <- function(i, name = "results.json") file.path(dir, ids[i], name)
  replace <- function(i, pattern, replacement) {
    writeLines(sub(pattern, replacement, readLines(file(i), warn = FALSE)), file(i))
  }
  unlink(file(1))
  unlink(file(2, "audit-1.jpg"))
  writeBin(as.raw(1:3), file(3, "reference.jpg"))
  writeLines("{", file(4))
  replace(5, ids[5], ids[6])
  replace(6, '"RetrievedAt":[0-9.]+', '"RetrievedAt":1e19')
  # A link to a file of the same content.
  file.rename(file(7, "reference.jpg"), file.path(dir, "mine.jpg"))
  file.symlink(file.path(dir, "mine.jpg"), file(7, "reference.jpg"))
  expect_warning(
    stored <- liveness_read(dir),
    "7 sessions in .* are incomplete and were skipped: .*, .* and 2 more.$"
  )
  expect_setequal(stored$session_id, ids[8:9])
  # Without images, too.
  unlink(list.files(file.path(dir, ids[4]), "jpg$", full.names = TRUE))
  expect_warning(liveness_read(dir), "7 sessions")
  unlink(file.path(dir, ids[1:6]), recursive = TRUE)
  warned <- tryCatch(liveness_read(dir), warning = identity)
  expect_match(conditionMessage(warned), paste0("1 session in .* is incomplete and was skipped: ", ids[7]))
  expect_identical(conditionCall(warned), quote(liveness_read(dir)))
})

test_that("what is not a session's is ignored without a warning", {
  skip_on_os("windows")
  dir <- withr::local_tempdir()
  id <- stored_results(1, dir)$session_id
  elsewhere <- withr::local_tempdir()
  other <- stored_results(1, elsewhere)$session_id
  writeLines("{}", file.path(dir, "reviews.jsonl"))
  writeLines("notes", file.path(dir, "README"))
  dir.create(file.path(dir, "reviews.jsonl.lock"))
  dir.create(file.path(dir, "plots"))
  writeLines("mine", file.path(dir, "plots", "notes.txt"))
  dir.create(file.path(dir, ".hidden"))
  dir.create(file.path(dir, "a folder of mine"))
  file.symlink(file.path(elsewhere, other), file.path(dir, other))
  # A name that is not UTF-8.
  system(sprintf("mkdir %s/\"$(printf 'b\\377')\"", shQuote(dir)))
  expect_warning(stored <- liveness_read(dir), NA)
  expect_identical(stored$session_id, id)
  # The folder itself may be a link.
  link <- file.path(withr::local_tempdir(), "link")
  file.symlink(dir, link)
  through <- liveness_read(link)
  expect_identical(through$session_id, id)
  expect_identical(through$reference_image[[1]], file.path(link, id, "reference.jpg"))
})

test_that("a folder of thousands of sessions is read whole and in order", {
  dir <- withr::local_tempdir()
  results <- stored_results(1, dir)
  from <- file.path(dir, results$session_id)
  text <- readLines(file.path(from, "results.json"), warn = FALSE)
  ids <- sprintf("00000000-0000-0000-0000-%012d", 1:3456)
  image <- readBin(file.path(from, "reference.jpg"), "raw", 1e6)
  times <- 1.8e9 + rev(seq_along(ids)) / 8
  for (i in seq_along(ids)) {
    dir.create(file.path(dir, ids[i]))
    writeBin(image, file.path(dir, ids[i], "reference.jpg"))
    this <- sub(results$session_id, ids[i], text, fixed = TRUE)
    this <- sub('"RetrievedAt":[0-9.]+', sprintf('"RetrievedAt":%.3f', times[i]), this)
    writeLines(this, file.path(dir, ids[i], "results.json"))
  }
  stored <- liveness_read(dir)
  expect_identical(stored$session_id, c(results$session_id, rev(ids)))
  expect_identical(as.double(stored$retrieved_at[-1]), rev(times))
  expect_identical(stored$reference_image[[3457]], file.path(dir, ids[1], "reference.jpg"))
  expect_identical(attr(stored, "row.names"), seq_len(3457))
})

test_that("a folder is read while another process writes to it", {
  skip_on_cran() # another process
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 400)
  dir <- withr::local_tempdir()
  writer <- callr::r_bg(
    function(config, ids, dir) {
      svc <- rekognition::rekognition(config = config)
      rekognition::liveness_results(ids, svc, max_active = 2, dir = dir)$status
    },
    list(emulator$config, ids, dir),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
  withr::defer(writer$kill())
  seen <- character()
  while (writer$is_alive()) {
    # A session that is being written is incomplete.
    stored <- suppressWarnings(liveness_read(dir))
    expect_true(all(seen %in% stored$session_id))
    expect_identical(unique(stored$status), if (nrow(stored) > 0) "SUCCEEDED" else character())
    expect_true(all(file.exists(as.character(stored$reference_image))))
    seen <- stored$session_id
  }
  expect_identical(unique(writer$get_result()), "SUCCEEDED")
  expect_warning(stored <- liveness_read(dir), NA)
  expect_setequal(stored$session_id, ids)
})

test_that("a folder with a non-ASCII name is read in every encoding", {
  skip_on_os("windows")
  root <- withr::local_tempdir()
  read <- function(root, name) {
    # Named in the encoding of this locale.
    dir <- file.path(root, if (is.raw(name)) rawToChar(name) else name)
    file.rename(file.path(root, "plain"), dir)
    stored <- rekognition::liveness_read(dir)
    c(stored$confidence, file.exists(stored$reference_image[[1]]), length(list.files(root)))
  }
  stored_results(1, file.path(root, "plain"))
  expect_identical(run_in_locale("de_DE.ISO-8859-1", read, list(root, "b\u00fcro")), c(97.5, 1, 1))
  root <- withr::local_tempdir()
  stored_results(1, file.path(root, "plain"))
  in_c <- callr::r(
    read,
    list(root, as.raw(c(0x62, 0xc3, 0xbc, 0x72, 0x6f))),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), LC_ALL = "C")
  )
  expect_identical(in_c, c(97.5, 1, 1))
})
