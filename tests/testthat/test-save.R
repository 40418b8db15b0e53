test_that("liveness_save() writes images under stable names, readable by the owner only", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- replicate(2, svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 2))$SessionId)
  for (id in ids) {
    emulator$check(id)
  }
  results <- liveness_results(c(ids, some_id), svc)
  dir <- file.path(withr::local_tempdir(), "new", "folder")
  expect_invisible(paths <- liveness_save(results, dir))
  names <- c("reference.jpg", "audit-1.jpg", "audit-2.jpg")
  expect_identical(paths, file.path(dir, rep(ids, each = 3), names))
  expect_setequal(list.files(dir, recursive = TRUE, all.files = TRUE), file.path(rep(ids, each = 3), names))
  expect_identical(readBin(paths[1], "raw", 1e6), results$reference_image[[1]]$Bytes)
  expect_identical(readBin(paths[6], "raw", 1e6), results$audit_images[[2]][[2]]$Bytes)
  skip_on_os("windows")
  expect_identical(format(file.mode(paths)), rep("600", 6))
  expect_identical(format(file.mode(unique(dirname(paths)))), rep("700", 2))
  # An existing file is replaced, including its mode.
  Sys.chmod(paths[1], "644")
  writeLines("other", paths[1])
  liveness_save(results, dir)
  expect_identical(readBin(paths[1], "raw", 1e6), results$reference_image[[1]]$Bytes)
  expect_identical(format(file.mode(paths[1])), "600")
  expect_identical(format(Sys.umask()), format(Sys.umask(NA)))
})

test_that("the documented list, an image, lists of images and files can be saved", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 2))$SessionId
  emulator$check(id)
  documented <- svc$get_face_liveness_session_results(id)
  dir <- withr::local_tempdir()
  expect_identical(
    basename(liveness_save(documented, dir)),
    c("reference.jpg", "audit-1.jpg", "audit-2.jpg")
  )
  results <- liveness_results(id, svc)
  expect_identical(liveness_save(results$audit_images[[1]][[2]], dir), file.path(dir, id, "audit-2.jpg"))
  expect_identical(basename(liveness_save(results$audit_images, dir)), c("audit-1.jpg", "audit-2.jpg"))
  expect_identical(basename(liveness_save(results$reference_image, dir)), "reference.jpg")
  expect_identical(basename(liveness_save(documented$ReferenceImage$Bytes, dir)), "image-1.jpg")
  pixel <- withr::local_tempfile()
  png::writePNG(matrix(0, 1, 1), pixel)
  unknown <- lapply(list(documented$ReferenceImage, pixel), liveness_image)
  expect_identical(basename(liveness_save(unknown, dir)), c("image-1.jpg", "image-2.png"))
  in_files <- liveness_results(id, svc, dir = withr::local_tempdir())
  again <- withr::local_tempdir()
  copies <- liveness_save(in_files, again)
  expect_identical(copies, file.path(again, id, c("reference.jpg", "audit-1.jpg", "audit-2.jpg")))
  expect_identical(unname(tools::md5sum(copies[1])), unname(tools::md5sum(in_files$reference_image[[1]])))
  emulator$put_result(
    some_id,
    list(
      SessionId = some_id,
      Status = "SUCCEEDED",
      ReferenceImage = list(S3Object = list(Bucket = "b", Name = "k"))
    )
  )
  expect_identical(liveness_save(liveness_results(some_id, svc), again), character())
})

test_that("liveness_save() refuses bad arguments before it writes anything", {
  dir <- file.path(withr::local_tempdir(), "d")
  image <- liveness_image(as.raw(c(0xff, 0xd8, 0xff)))
  for (bad in list(1, NULL, quote(x), list(1), data.frame(a = 1))) {
    expect_s3_class(caught(liveness_save(bad, dir)), "rekognition_error")
  }
  expect_identical(caught(liveness_save(image))$argument, "dir")
  expect_identical(caught(liveness_save(image, 1))$argument, "dir")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$check(id)
  results <- liveness_results(id, svc)
  documented <- svc$get_face_liveness_session_results(id)
  for (bad in c("../up", "a/b", "..", "a\\b", "", ".hidden")) {
    results$session_id <- documented$SessionId <- bad
    expect_identical(caught(liveness_save(results, dir))$argument, "x")
    expect_identical(caught(liveness_save(documented, dir))$argument, "x")
  }
  expect_false(file.exists(dir))
  writeLines("a file", dir)
  expect_s3_class(caught(liveness_save(image, dir)), "rekognition_error")
})

test_that("images are saved in the folder only", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$check(id)
  results <- liveness_results(id, svc)
  dir <- withr::local_tempdir()
  elsewhere <- withr::local_tempdir()
  file.symlink(elsewhere, file.path(dir, id))
  expect_s3_class(caught(liveness_save(results, dir)), "rekognition_error")
  expect_length(list.files(elsewhere), 0)
  expect_identical(caught(liveness_save(results, ""))$argument, "dir")
  results$session_id <- NA_character_
  expect_identical(caught(liveness_save(results, dir))$argument, "x")
  # A file with the name of a saved image does not name a session by its folder.
  file <- file.path(elsewhere, "reference")
  writeBin(results$reference_image[[1]]$Bytes, file)
  expect_identical(basename(liveness_save(liveness_image(file), dir)), "image-1.jpg")
})

test_that("an image is numbered by its position, and conditions have no bytes", {
  dir <- withr::local_tempdir()
  image <- liveness_image(as.raw(c(0xff, 0xd8, 0xff)))
  in_bucket <- liveness_image(list(S3Object = list(Bucket = "b", Name = "k")))
  expect_identical(basename(liveness_save(list(in_bucket, image), dir)), "image-2.jpg")
  error <- caught(do.call(liveness_save, list(as.raw(rep(255, 1000)), 5)))
  expect_lt(nchar(paste(deparse(conditionCall(error)), collapse = "")), 50)
  for (bad in list(list(Bytes = "text"), 5)) {
    response <- list(SessionId = some_id, ReferenceImage = bad, AuditImages = list())
    expect_s3_class(caught(liveness_save(response, dir)), "rekognition_argument_error")
  }
})

test_that("a path that the locale cannot represent is an error, not another file", {
  skip_on_os("windows")
  refused <- callr::r(
    function() {
      path <- file.path(tempdir(), "caf\u00e9")
      image <- rekognition::liveness_image(as.raw(c(0xff, 0xd8, 0xff)))
      tryCatch(rekognition::liveness_save(image, path), rekognition_argument_error = function(e) e$argument)
    },
    env = c(callr::rcmd_safe_env(), LC_ALL = "C", R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
  expect_identical(refused, "dir")
})

test_that("a pipe is not replaced, and a link to another image is not read", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  dir <- withr::local_tempdir()
  results <- liveness_results(id, svc, dir = dir)
  image <- results$reference_image[[1]]
  unlink(image)
  system2("mkfifo", shQuote(image))
  error <- caught(liveness_save(svc$get_face_liveness_session_results(id), dir))
  expect_s3_class(error, "rekognition_file_error")
  expect_identical(error$path, image)
  expect_error(liveness_report(results, image), class = "rekognition_file_error")
  expect_false(utils::file_test("-f", image) && file.size(image) > 0)
  unlink(image)
  other <- withr::local_tempfile()
  file.copy(system.file("extdata", "face-1.jpg", package = "rekognition"), other)
  file.symlink(other, image)
  expect_error(liveness_image(image), class = "rekognition_file_error")
  # Elsewhere, links are followed.
  link <- withr::local_tempfile()
  file.symlink(other, link)
  expect_gt(length(liveness_image(link)$Bytes), 1000)
})
