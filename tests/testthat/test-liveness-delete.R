test_that("whole sessions are deleted, and the value says what went", {
  dir <- withr::local_tempdir()
  ids <- stored_days_ago(dir, c(3, 2, 1))
  stored <- liveness_read(dir)
  file <- file.path(dir, ids[2], ".part-abandoned")
  writeLines("a part", file)
  sizes <- file.size(list.files(file.path(dir, ids[2]), full.names = TRUE, all.files = TRUE, no.. = TRUE))
  deleted <- withVisible(liveness_delete(dir, ids[c(2, 1, 2)]))
  expect_true(deleted$visible)
  deleted <- deleted$value
  expect_identical(class(deleted), "data.frame")
  expect_identical(names(deleted), c("session_id", "files", "bytes", "retrieved_at"))
  expect_identical(deleted$session_id, ids[2:1])
  expect_identical(deleted$files, c(4L, 3L))
  expect_identical(deleted$bytes[1], sum(sizes))
  expect_identical(deleted$retrieved_at, stored$retrieved_at[match(ids[2:1], stored$session_id)])
  expect_setequal(
    files_in(dir),
    c(ids[3], file.path(ids[3], c("audit-1.jpg", "reference.jpg", "results.json")))
  )
  expect_identical(liveness_read(dir)$session_id, ids[3])

  # What is not there is no error, and has no row.
  expect_identical(liveness_delete(dir, c(some_id, ids[1]))$session_id, character())
  expect_identical(lapply(liveness_delete(dir, character()), class), lapply(deleted, class))
  expect_identical(liveness_read(dir)$session_id, ids[3])
})

test_that("sessions are deleted by the time of their retrieval", {
  dir <- withr::local_tempdir()
  ids <- stored_days_ago(dir, c(5, 40, 31, 29))
  expect_identical(nrow(liveness_delete(dir, older_than = as.difftime(50, units = "days"))), 0L)
  deleted <- liveness_delete(dir, older_than = as.difftime(30, units = "days"))
  # The oldest first.
  expect_identical(deleted$session_id, ids[2:3])
  expect_identical(liveness_read(dir)$session_id, ids[c(4, 1)])
  deleted <- liveness_delete(dir, older_than = Sys.time() - 6 * 86400)
  expect_identical(deleted$session_id, ids[4])
  deleted <- liveness_delete(dir, older_than = as.difftime(0, units = "secs"))
  expect_identical(deleted$session_id, ids[1])
  expect_identical(files_in(dir), character())
  expect_true(dir.exists(dir))
})

test_that("the time of a session without results is that of its newest file", {
  dir <- withr::local_tempdir()
  ids <- stored_days_ago(dir, c(1, 1, 1))
  unlink(file.path(dir, ids[1:2], "results.json"))
  files <- list.files(file.path(dir, ids), full.names = TRUE)
  Sys.setFileTime(files, Sys.time() - 86400 * 60)
  Sys.setFileTime(file.path(dir, ids[2], "reference.jpg"), Sys.time() - 86400 * 10)
  deleted <- liveness_delete(dir, older_than = as.difftime(30, units = "days"))
  expect_identical(deleted$session_id, ids[1])
  expect_identical(deleted$files, 2L)
  expect_identical(deleted$retrieved_at, .POSIXct(NA_real_, "UTC"))
  # An ID says clearly what to delete.
  expect_identical(liveness_delete(dir, factor(ids[2]))$files, 2L)
  dir.create(file.path(dir, some_id))
  expect_identical(liveness_delete(dir, some_id)$files, 0L)
  expect_identical(list.files(dir), ids[3])
})

test_that("images that liveness_save() has written are deleted", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  results <- liveness_results(checked_sessions(emulator, svc, 2), svc)
  dir <- withr::local_tempdir()
  paths <- liveness_save(results, dir)
  expect_identical(liveness_delete(dir, results$session_id[1])$bytes, file.size(paths[2]))
  expect_identical(
    liveness_delete(dir, older_than = as.difftime(0, units = "secs"))$session_id,
    results$session_id[2]
  )
  expect_identical(files_in(dir), character())
})

test_that("nothing is deleted that the package has not written, and the others are deleted", {
  skip_on_os("windows")
  dir <- withr::local_tempdir()
  ids <- stored_days_ago(dir, rep(9, 8))
  file <- function(i, name) file.path(dir, ids[i], name)
  elsewhere <- withr::local_tempdir()
  writeLines("mine", file(1, "notes.txt"))
  dir.create(file(2, "originals"))
  # Links to a file and to a folder, a session's folder that is a link, and a file in place of one.
  file.rename(file(3, "reference.jpg"), file.path(elsewhere, "reference.jpg"))
  file.symlink(file.path(elsewhere, "reference.jpg"), file(3, "reference.jpg"))
  dir.create(file.path(elsewhere, "folder"))
  writeLines("mine", file.path(elsewhere, "folder", "reference.jpg"))
  file.symlink(file.path(elsewhere, "folder"), file(4, "audit-2.jpg"))
  file.rename(file.path(dir, ids[5]), file.path(elsewhere, ids[5]))
  file.symlink(file.path(elsewhere, ids[5]), file.path(dir, ids[5]))
  unlink(file.path(dir, ids[6]), recursive = TRUE)
  writeLines("mine", file.path(dir, ids[6]))
  writeLines(sub(ids[7], ids[8], readLines(file(7, "results.json"))), file(7, "results.json"))
  before <- list(
    setdiff(files_in(dir), c(ids[8], paste0(ids[8], "/", list.files(file(8, ""))))),
    files_in(elsewhere)
  )

  error <- caught(liveness_delete(dir, ids[-7]))
  expect_s3_class(error, c("rekognition_file_error", "rekognition_error", "error"), exact = FALSE)
  expect_identical(error$path, file.path(dir, ids[1:6]))
  expect_identical(error$deleted$session_id, ids[8])
  expect_identical(list(files_in(dir), files_in(elsewhere)), before)
  expect_match(
    conditionMessage(error),
    paste0(
      "^Cannot delete folder .*",
      ids[1],
      ": it contains .* \\(notes.txt\\). 5 more sessions were not deleted."
    )
  )
  reason <- function(i) conditionMessage(caught(liveness_delete(dir, ids[i])))
  expect_match(reason(2), "(originals)", fixed = TRUE)
  expect_match(reason(3), "(reference.jpg)", fixed = TRUE)
  expect_match(reason(5), "it is a link or a file, not a folder", fixed = TRUE)
  # By age, links and files in place of folders do not count as sessions.
  error <- caught(liveness_delete(dir, older_than = as.difftime(0, units = "secs")))
  expect_setequal(error$path, file.path(dir, ids[c(1:4, 7)]))
  expect_identical(nrow(error$deleted), 0L)
  expect_identical(list(files_in(dir), files_in(elsewhere)), before)
})

test_that("a session with damaged results is deleted by its ID, and not by its age", {
  dir <- withr::local_tempdir()
  ids <- stored_days_ago(dir, rep(9, 3))
  writeLines(paste0('{"session_id":"', ids, '"}'), file.path(dir, "reviews.jsonl"))
  writeLines("{", file.path(dir, ids[1], "results.json"))
  writeLines("{", file.path(dir, ids[2], "results.json"))
  writeLines("mine", file.path(dir, ids[2], "zzz.txt"))
  kept <- list.files(file.path(dir, ids[2]))
  Sys.setFileTime(list.files(file.path(dir, ids), full.names = TRUE), Sys.time() - 9 * 86400)
  error <- caught(liveness_delete(dir, older_than = as.difftime(1, units = "days")))
  expect_setequal(error$path, file.path(dir, ids[1:2]))
  expect_identical(error$deleted$session_id, ids[3])
  unlink(file.path(dir, ids[2], "zzz.txt"))
  error <- caught(liveness_delete(dir, older_than = as.difftime(1, units = "days")))
  expect_match(conditionMessage(error), "its results.json is damaged, a link or of another session")
  writeLines("mine", file.path(dir, ids[2], "zzz.txt"))
  expect_identical(liveness_delete(dir, ids[1])$session_id, ids[1])
  # A file of someone else keeps a session whole.
  expect_match(conditionMessage(caught(liveness_delete(dir, ids[2]))), "(zzz.txt)", fixed = TRUE)
  expect_setequal(list.files(file.path(dir, ids[2])), kept)
  expect_identical(readLines(file.path(dir, "reviews.jsonl")), paste0('{"session_id":"', ids[2], '"}'))
})

test_that("folders that are not sessions' are left alone, whatever their age", {
  dir <- withr::local_tempdir()
  id <- stored_days_ago(dir, 9)
  dir.create(file.path(dir, "plots"))
  writeLines("mine", file.path(dir, "plots", "notes.txt"))
  dir.create(file.path(dir, "empty"))
  dir.create(file.path(dir, "other-tool"))
  writeLines("{}", file.path(dir, "other-tool", "results.json"))
  writeLines("mine", file.path(dir, "reference.jpg"))
  deleted <- liveness_delete(dir, older_than = as.difftime(0, units = "secs"))
  expect_identical(deleted$session_id, id)
  expect_setequal(
    files_in(dir),
    c("plots", "plots/notes.txt", "empty", "other-tool", "other-tool/results.json", "reference.jpg")
  )
})

test_that("invalid arguments are errors, and nothing is deleted", {
  dir <- withr::local_tempdir()
  ids <- stored_days_ago(dir, c(9, 9))
  before <- files_in(dir)
  complaint <- function(argument, ...) {
    error <- caught(liveness_delete(...))
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, argument)
  }
  complaint("dir")
  complaint("dir", 5, ids)
  complaint("session_ids", dir)
  complaint("session_ids", dir, ids, as.difftime(1, units = "days"))
  for (bad in list(NA, NA_character_, 1:2, list(ids), TRUE)) {
    complaint("session_ids", dir, bad)
  }
  for (bad in c(
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "a\\b",
    "abc.",
    ".hidden",
    "C:x",
    "nul",
    "CON.txt",
    "com1",
    strrep("a", 300)
  )) {
    complaint("session_ids", dir, c(ids[1], bad))
  }
  for (bad in list(
    30,
    "30 days",
    NA,
    Sys.Date(),
    as.difftime(-1, units = "days"),
    as.difftime(NA_real_, units = "days"),
    as.difftime(c(1, 2), units = "days"),
    Sys.time() + 60,
    Sys.time()[0],
    .POSIXct(NA_real_),
    .POSIXct(Inf),
    .POSIXct("2026-01-31"),
    .POSIXct(list(0)),
    as.difftime(Inf, units = "days"),
    structure(30, class = "difftime"),
    structure(30, class = "difftime", units = "day"),
    structure(1, class = "difftime", units = "months"),
    structure(30, class = "difftime", units = NA_character_),
    structure(30, class = "difftime", units = c("days", "secs")),
    structure(30, class = "difftime", units = 1),
    structure("30", class = "difftime", units = "days"),
    structure(list(30), class = "difftime", units = "days"),
    structure(NA, class = "difftime", units = "days"),
    factor("30")
  )) {
    complaint("older_than", dir, older_than = bad)
  }
  error <- caught(liveness_delete(dir, older_than = as.difftime(-1, units = "days")))
  expect_match(conditionMessage(error), "not -1 days.", fixed = TRUE)
  absent <- file.path(dir, "absent")
  expect_identical(caught(liveness_delete(absent, ids))$path, absent)
  expect_s3_class(caught(liveness_delete(absent, older_than = .POSIXct(0))), "rekognition_file_error")
  expect_identical(files_in(dir), before)
})

test_that("a session whose files cannot be deleted is an error after the others", {
  skip_on_os("windows")
  skip_on_cran() # another process
  root <- withr::local_tempdir()
  dir <- file.path(root, "stored")
  ids <- stored_days_ago(dir, rep(9, 3))
  # Root can delete everything: another user owns the folders.
  as_user <- Sys.info()[["effective_user"]] == "root"
  skip_if(as_user && !nzchar(Sys.which("runuser")))
  Sys.chmod(file.path(dir, ids[2]), "0500")
  reviews <- file.path(dir, "reviews.jsonl")
  writeLines(review_line(ids, "live"), reviews)
  code <- c(
    "args <- readRDS(Sys.getenv('ARGS'))",
    "error <- tryCatch(rekognition::liveness_delete(args$dir, args$ids), error = identity)",
    "writeLines(c(class(error)[1], error$deleted$session_id, basename(error$path)))"
  )
  script <- file.path(root, "script.R")
  writeLines(code, script)
  args <- file.path(root, "args.rds")
  saveRDS(list(dir = dir, ids = ids), args)
  withr::local_envvar(ARGS = args, R_LIBS = paste(.libPaths(), collapse = ":"), TMPDIR = "/tmp")
  rscript <- file.path(R.home("bin"), "Rscript")
  if (as_user) {
    # The folders above are those of root.
    Sys.chmod(c(tempdir(), root), "0755")
    withr::defer(Sys.chmod(tempdir(), "0700"))
    system2("chown", c("-R", "nobody", shQuote(root)))
  }
  delete_as_user <- function() {
    if (as_user) {
      system2("runuser", c("-u", "nobody", "--", rscript, "--vanilla", shQuote(script)), stdout = TRUE)
    } else {
      system2(rscript, c("--vanilla", shQuote(script)), stdout = TRUE)
    }
  }
  if (as_user) {
    # The file's group, root, cannot be given to a new file. So nothing is deleted.
    expect_identical(delete_as_user(), c("rekognition_file_error", "reviews.jsonl"))
    expect_identical(readLines(reviews), review_line(ids, "live"))
    expect_identical(nrow(liveness_read(dir)), 3L)
    system2("chown", c("nobody:", shQuote(reviews)))
  }
  said <- delete_as_user()
  expect_identical(said, c("rekognition_file_error", ids[c(1, 3)], ids[2]))
  Sys.chmod(file.path(dir, ids[2]), "0700")
  expect_true(file.exists(file.path(dir, ids[2], "reference.jpg")))
  # What was said about it is still there, and that about the others is not.
  expect_identical(readLines(reviews), review_line(ids[2], "live"))
  expect_identical(liveness_delete(dir, ids)$session_id, ids[2])
  expect_identical(file.size(reviews), 0)
})

test_that("two processes can delete the same sessions, and thousands quickly", {
  skip_on_cran() # other processes
  dir <- withr::local_tempdir()
  id <- stored_days_ago(dir, 9)
  text <- readLines(file.path(dir, id, "results.json"))
  text <- sub('"File":"reference.jpg","Size":[0-9]+', '"File":"reference.jpg","Size":1', text)
  text <- sub('"AuditImages":.*"Challenge"', '"AuditImages":[],"Challenge"', text)
  ids <- sprintf("00000000-0000-0000-0000-%012d", 1:2345)
  for (new in ids) {
    dir.create(file.path(dir, new))
    writeLines("", file.path(dir, new, "reference.jpg"))
    writeLines(sub(id, new, text, fixed = TRUE), file.path(dir, new, "results.json"))
  }
  delete <- function(dir) nrow(rekognition::liveness_delete(dir, older_than = as.difftime(1, units = "days")))
  env <- c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  processes <- lapply(1:2, function(i) callr::r_bg(delete, list(dir), env = env))
  counts <- vapply(
    processes,
    function(process) {
      process$wait()
      process$get_result()
    },
    0L
  )
  # A session that both have found counts for both.
  expect_gte(sum(counts), 2346L)
  expect_identical(files_in(dir), character())
})
