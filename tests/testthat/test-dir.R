requests_for <- function(emulator, id) {
  sum(results_requests(emulator)$session_id %in% id)
}

test_that("sessions without a valid saved result in `dir` are fetched again", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 10)
  dir <- withr::local_tempdir()
  elsewhere <- withr::local_tempdir()
  saved <- liveness_results(ids, svc, dir = dir)
  results_of_session <- function(i) file.path(dir, ids[i], "results.json")
  replace <- function(i, pattern, replacement) {
    lines <- readLines(results_of_session(i), warn = FALSE)
    writeLines(sub(pattern, replacement, lines), results_of_session(i))
  }
  # A link to an endless device, a link to another file, a sparse file of 20 GB, and a pipe.
  unlink(results_of_session(1:4))
  file.symlink("/dev/zero", results_of_session(1))
  file.symlink(results_of_session(8), results_of_session(2))
  system2("truncate", c("-s", "20G", shQuote(results_of_session(3))))
  system2("mkfifo", shQuote(results_of_session(4)))
  # A forged verdict behind a link, an image that is a link, a forged confidence, and a status that is not final.
  file.rename(file.path(dir, ids[5]), file.path(elsewhere, ids[5]))
  file.symlink(file.path(elsewhere, ids[5]), file.path(dir, ids[5]))
  image <- file.path(dir, ids[6], "reference.jpg")
  file.rename(image, file.path(elsewhere, "reference.jpg"))
  file.symlink(file.path(elsewhere, "reference.jpg"), image)
  replace(7, "97.5", "100.5")
  replace(8, "SUCCEEDED", "SUSPENDED")
  # A missing image file, and an image within the text.
  replace(9, '"File":"reference.jpg"', '"File":5')
  replace(10, '"File":"reference.jpg","Size":[0-9]+', '"Bytes":"/9j/"')

  before <- vapply(ids, function(id) requests_for(emulator, id), 0L)
  again <- liveness_results(ids, svc, dir = dir)
  after <- vapply(ids, function(id) requests_for(emulator, id), 0L)
  expect_identical(unname(after - before), rep(1L, 10))
  expect_identical(again$confidence, rep(97.5, 10))
  # All but the folder that is a link have been written again.
  expect_identical(which(!is.na(again$error_code)), 5L)
  last <- liveness_results(ids[-5], svc, dir = dir)
  expect_identical(unname(vapply(ids[-5], function(id) requests_for(emulator, id), 0L)), unname(after[-5]))
  expect_identical(last$reference_image, again$reference_image[-5])
})

test_that("nothing is written through a folder that is a link, and the row keeps the verdict", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 2)
  dir <- withr::local_tempdir()
  elsewhere <- withr::local_tempdir()
  writeLines("mine", file.path(elsewhere, "reference.jpg"))
  file.symlink(elsewhere, file.path(dir, ids[1]))
  results <- liveness_results(ids, svc, dir = dir)
  expect_identical(readLines(file.path(elsewhere, "reference.jpg")), "mine")
  expect_identical(list.files(elsewhere, all.files = TRUE, no.. = TRUE), "reference.jpg")
  expect_identical(results$status, c("SUCCEEDED", "SUCCEEDED"))
  expect_identical(results$confidence, c(97.5, 97.5))
  expect_identical(results$error_code, c("rekognition_file_error", NA))
  error <- results$error[[1]]
  expect_s3_class(error, c("rekognition_file_error", "rekognition_error", "error"), exact = FALSE)
  expect_identical(error$path, file.path(dir, ids[1]))
  # The images were not written, so the row has them.
  expect_s3_class(results$reference_image[[1]], "liveness_image")
  expect_gt(length(results$reference_image[[1]]$Bytes), 1000)
  expect_identical(results$reference_image[[2]], file.path(dir, ids[2], "reference.jpg"))
  expect_error(liveness_results(ids, svc, dir = dir, on_error = "stop"), class = "rekognition_file_error")
  expect_error(
    liveness_save(svc$get_face_liveness_session_results(ids[1]), dir),
    class = "rekognition_file_error"
  )
})

test_that("a full disk loses no verdict", {
  skip_on_os("windows")
  skip_on_cran() # needs a shell with limits
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 3)
  emulator$check(ids[2], "FAILED")
  dir <- withr::local_tempdir()
  out <- withr::local_tempfile()
  # A limit on the size of files stands in for a full disk: images exceed it, verdicts do not.
  code <- c(
    "args <- readRDS(Sys.getenv('ARGS'))",
    "svc <- rekognition::rekognition(config = args$config)",
    "results <- rekognition::liveness_wait(args$ids, svc, dir = args$dir)",
    "for (i in 1:3) cat(results$status[i], results$confidence[i], results$error_code[i],",
    "  length(results$reference_image[[i]]$Bytes) > 0, '\\n')"
  )
  args <- withr::local_tempfile()
  saveRDS(list(config = emulator$config, ids = ids, dir = dir), args)
  script <- local_file(code)
  command <- sprintf(
    "trap '' XFSZ; ulimit -f 8; exec %s --vanilla %s",
    shQuote(file.path(R.home("bin"), "Rscript")),
    shQuote(script)
  )
  withr::local_envvar(ARGS = args, R_LIBS = paste(.libPaths(), collapse = ":"))
  said <- suppressWarnings(system2("bash", c("-c", shQuote(command)), stdout = TRUE))
  expect_identical(
    trimws(said),
    c(
      "SUCCEEDED 97.5 rekognition_file_error TRUE",
      "FAILED NA NA FALSE",
      "SUCCEEDED 97.5 rekognition_file_error TRUE"
    )
  )
  # No file is incomplete.
  expect_identical(list.files(dir, recursive = TRUE, all.files = TRUE), file.path(ids[2], "results.json"))
})

test_that("several processes can fetch into one folder concurrently", {
  skip_on_cran() # four processes
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 600)
  dir <- withr::local_tempdir()
  fetch_all <- function(config, ids, dir) {
    svc <- rekognition::rekognition(config = config)
    results <- rekognition::liveness_results(sample(ids), svc, max_active = 20, dir = dir)
    sizes <- file.size(unlist(results$reference_image))
    c(sum(results$status %in% "SUCCEEDED"), sum(!is.na(results$error_code)), sum(sizes > 1000))
  }
  children <- lapply(1:4, function(i) {
    callr::r_bg(
      fetch_all,
      list(emulator$config, ids, dir),
      env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
    )
  })
  for (child in children) {
    child$wait()
    expect_identical(child$get_result(), c(600L, 0L, 600L))
  }
  files <- list.files(dir, recursive = TRUE, all.files = TRUE)
  expect_setequal(files, c(file.path(ids, "results.json"), file.path(ids, "reference.jpg")))
})

test_that("incomplete files of a killed process are removed after an hour", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  dir <- withr::local_tempdir()
  dir.create(file.path(dir, id))
  parts <- file.path(dir, id, c(".part-old", ".part-new"))
  file.create(parts)
  Sys.setFileTime(parts[1], Sys.time() - 2 * 3600)
  liveness_results(id, svc, dir = dir)
  expect_identical(file.exists(parts), c(FALSE, TRUE))
})

test_that("a folder that cannot be created or written to is an error with its path", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  file <- local_file("a file")
  error <- caught(liveness_results(some_id, svc, dir = file.path(file, "folder")))
  expect_s3_class(error, "rekognition_file_error")
  expect_identical(error$path, file.path(file, "folder"))
})

test_that("a folder with a non-ASCII name is the same for R and native code in every encoding", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  # A folder named in this encoding, and a folder in it created by R's own functions.
  in_latin1 <- run_in_locale(
    "de_DE.ISO-8859-1",
    function(config, id, root) {
      svc <- rekognition::rekognition(config = config)
      made <- file.path(root, "b\u00fcro")
      dir.create(made)
      results <- rekognition::liveness_results(id, svc, dir = made)
      again <- rekognition::liveness_results(id, svc, dir = file.path(root, list.files(root)))
      ca <- rekognition::rekognition(config = c(config, ca_bundle = file.path(made, "ca.pem")))
      writeLines("no certificate", file.path(made, "ca.pem"))
      list(
        folders = length(list.files(root)),
        exists = file.exists(results$reference_image[[1]], again$reference_image[[1]]),
        type = format(rekognition::liveness_image(results$reference_image[[1]])),
        error = results$error_code,
        ca = tryCatch(ca$get_face_liveness_session_results(id), error = conditionMessage)
      )
    },
    list(emulator$config, id, withr::local_tempdir())
  )
  expect_identical(
    in_latin1[c("folders", "exists", "error")],
    list(folders = 1L, exists = c(TRUE, TRUE), error = NA_character_)
  )
  expect_match(in_latin1$type, "<JPEG 480x640")
  expect_match(in_latin1$ca, "contains no certificates", fixed = TRUE)

  in_c <- callr::r(
    function(config, id, root) {
      svc <- rekognition::rekognition(config = config)
      class <- tryCatch(
        rekognition::liveness_results(id, svc, dir = file.path(root, "b\u00fcro")),
        error = function(e) class(e)[1]
      )
      # The name in the file system.
      bytes <- file.path(root, rawToChar(as.raw(c(0x62, 0xc3, 0xbc))))
      dir.create(bytes)
      results <- rekognition::liveness_results(id, svc, dir = bytes)
      list(class, file.exists(results$reference_image[[1]]), length(list.files(root)), results$error_code)
    },
    list(emulator$config, id, withr::local_tempdir()),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), LC_ALL = "C")
  )
  expect_identical(in_c, list("rekognition_argument_error", TRUE, 1L, NA_character_))
})

test_that("images are written atomically, for the owner only, and not fetched again", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 3, Settings = list(AuditImagesLimit = 2))
  emulator$check(ids[3], status = "FAILED", reference_image = FALSE)
  open <- new_session(svc)
  all <- c(ids, open)
  dir <- file.path(withr::local_tempdir(), "new", "faces")
  kept <- liveness_results(all, svc)
  saved <- liveness_results(all, svc, dir = dir)
  expect_identical(saved$reference_image[[1]], file.path(dir, ids[1], "reference.jpg"))
  expect_identical(saved$audit_images[[1]], file.path(dir, ids[1], c("audit-1.jpg", "audit-2.jpg")))
  expect_null(saved$reference_image[[3]])
  expect_null(saved$reference_image[[4]])
  bytes <- function(path) readBin(path, "raw", file.size(path))
  for (i in 1:2) {
    expect_identical(bytes(saved$reference_image[[i]]), kept$reference_image[[i]]$Bytes)
    expect_identical(lapply(saved$audit_images[[i]], bytes), lapply(kept$audit_images[[i]], `[[`, "Bytes"))
  }
  others <- c(
    "session_id",
    "status",
    "confidence",
    "n_audit_images",
    "challenge_type",
    "feedback",
    "sdk_type"
  )
  expect_identical(as.list(saved[others]), as.list(kept[others]))
  # Sessions that have not ended have no files.
  expect_false(dir.exists(file.path(dir, open)))
  expect_setequal(
    list.files(file.path(dir, ids[2]), all.files = TRUE, no.. = TRUE),
    c("reference.jpg", "audit-1.jpg", "audit-2.jpg", "results.json")
  )
  if (.Platform$OS.type == "unix") {
    files <- list.files(dir, recursive = TRUE, full.names = TRUE)
    expect_identical(unique(format(file.mode(files))), "600")
    expect_identical(unique(format(file.mode(list.dirs(dir)))), "700")
  }

  fetched_by <- function(expr) {
    before <- nrow(results_requests(emulator))
    force(expr)
    results_requests(emulator)$session_id[-seq_len(before)]
  }
  expect_identical(fetched_by(again <- liveness_results(all, svc, dir = dir)), open)
  expect_equal(again[1:3, ], saved[1:3, ], tolerance = 1e-6)
  # Incomplete results are fetched again.
  unlink(saved$audit_images[[1]][2])
  writeBin(as.raw(1:3), saved$reference_image[[2]])
  expect_setequal(fetched_by(repaired <- liveness_results(ids, svc, dir = dir)), ids[1:2])
  expect_identical(bytes(repaired$reference_image[[2]]), kept$reference_image[[2]]$Bytes)
  expect_true(file.exists(repaired$audit_images[[1]][2]))
  writeLines("{", file.path(dir, ids[3], "results.json"))
  expect_identical(fetched_by(liveness_results(ids, svc, dir = dir)), ids[3])
})

test_that("contents of a folder cannot make the package read or write outside it", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  dir <- withr::local_tempdir()
  saved <- liveness_results(id, svc, dir = dir)
  # Results that name a file outside their folder do not count as saved.
  elsewhere <- local_file("secret")
  json <- file.path(dir, id, "results.json")
  text <- readLines(json, warn = FALSE)
  for (name in c(elsewhere, "../other/reference.jpg", ".reference.jpg.part")) {
    writeLines(sub("reference.jpg", name, text, fixed = TRUE), json)
    again <- liveness_results(id, svc, dir = dir)
    expect_identical(again$reference_image, saved$reference_image)
  }
  # A link in place of a file is replaced, not followed.
  target <- local_file("untouched")
  unlink(saved$reference_image[[1]])
  file.symlink(target, file.path(dir, id, ".reference.jpg.part"))
  file.symlink(target, saved$reference_image[[1]])
  unlink(json)
  liveness_results(id, svc, dir = dir)
  expect_identical(readLines(target), "untouched")
  expect_identical(Sys.readlink(saved$reference_image[[1]]), "")
})

test_that("an unwritable folder is an error at once, or in the rows", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 2)
  dir <- withr::local_tempdir()
  # A file has the name of the session's folder.
  writeLines("", file.path(dir, ids[1]))
  results <- liveness_results(ids, svc, dir = dir)
  expect_identical(results$error_code, c("rekognition_file_error", NA))
  expect_identical(results$error[[1]]$path, file.path(dir, ids[1]))
})
