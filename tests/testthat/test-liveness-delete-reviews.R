test_that("the reviews of deleted sessions are deleted, and no others", {
  dir <- withr::local_tempdir()
  ids <- stored_days_ago(dir, c(9, 9, 1))
  reviews <- file.path(dir, "reviews.jsonl")
  lines <- c(
    review_line(ids[1], "live"),
    review_line(ids[2], "attack"),
    review_line(some_id, "live"),
    review_line(ids[1], "attack"),
    paste("not JSON:", ids[1]),
    review_line(ids[3], "live")
  )
  writeLines(lines, reviews)
  Sys.chmod(reviews, "0640")
  liveness_delete(dir, ids[1])
  expect_identical(readLines(reviews), lines[-c(1, 4)])
  if (.Platform$OS.type == "unix") {
    expect_identical(format(file.mode(reviews)), "640")
  }
  liveness_delete(dir, older_than = as.difftime(5, units = "days"))
  expect_identical(readLines(reviews), lines[c(3, 5, 6)])
  # Of a session that has no folder, too, but not of one that is not deleted.
  writeLines("mine", file.path(dir, ids[3], "notes.txt"))
  expect_error(liveness_delete(dir, c(some_id, ids[3])), class = "rekognition_file_error")
  expect_identical(readLines(reviews), lines[c(5, 6)])
  expect_setequal(list.files(dir, all.files = TRUE, no.. = TRUE), c("reviews.jsonl", ids[3]))
})

test_that("a byte order mark does not hide a review", {
  dir <- withr::local_tempdir()
  reviews <- file.path(dir, "reviews.jsonl")
  mark <- rawToChar(as.raw(c(0xef, 0xbb, 0xbf)))
  lines <- c(paste0(mark, review_line(some_id, "live")), review_line(c("other", some_id), "attack"))
  writeLines(lines, reviews, useBytes = TRUE)
  size <- file.size(reviews)
  liveness_delete(dir, "absent")
  expect_identical(file.size(reviews), size)
  liveness_delete(dir, some_id)
  expect_identical(readLines(reviews), lines[2])
})

test_that("reviews that cannot be read are an error, and nothing is deleted", {
  skip_on_os("windows")
  dir <- withr::local_tempdir()
  id <- stored_days_ago(dir, 9)
  mine <- local_file(review_line(id, "live"))
  reviews <- file.path(dir, "reviews.jsonl")
  file.symlink(mine, reviews)
  error <- caught(liveness_delete(dir, id))
  expect_s3_class(error, "rekognition_file_error")
  expect_identical(error$path, reviews)
  expect_identical(readLines(mine), review_line(id, "live"))
  expect_identical(liveness_read(dir)$session_id, id)
  expect_false(file.exists(paste0(reviews, ".lock")))
})

test_that("no review is lost that another process appends during a deletion", {
  skip_on_cran() # other processes
  dir <- withr::local_tempdir()
  ids <- stored_days_ago(dir, rep(9, 40))
  reviews <- file.path(dir, "reviews.jsonl")
  writeLines(review_line(ids, "live"), reviews)
  # A lock that a killed process has left.
  dir.create(paste0(reviews, ".lock"))
  Sys.setFileTime(paste0(reviews, ".lock"), Sys.time() - 120)
  append <- function(reviews, lines) {
    lock <- paste0(reviews, ".lock")
    for (line in lines) {
      while (!dir.create(lock, showWarnings = FALSE)) {
        Sys.sleep(0.002)
      }
      cat(line, "\n", sep = "", file = reviews, append = TRUE)
      unlink(lock, recursive = TRUE)
    }
  }
  appended <- lapply(1:2, function(i) review_line(sprintf("session-%d-%d", i, 1:300), "live"))
  writers <- lapply(appended, function(lines) callr::r_bg(append, list(reviews, lines)))
  for (id in ids) {
    liveness_delete(dir, id)
  }
  for (writer in writers) {
    writer$wait()
    writer$get_result()
  }
  lines <- readLines(reviews)
  for (i in 1:2) {
    expect_identical(grep(sprintf("session-%d-", i), lines, value = TRUE), appended[[i]])
  }
  expect_length(lines, 600)
})

test_that("a deletion that could not rewrite the reviews can be repeated", {
  skip_on_os("windows")
  skip_on_cran() # another process
  root <- withr::local_tempdir()
  dir <- file.path(root, "stored")
  ids <- stored_days_ago(dir, c(9, 9))
  reviews <- file.path(dir, "reviews.jsonl")
  lines <- review_line(rep(c(ids[1], some_id), c(1, 200)), "live")
  writeLines(lines, reviews)
  script <- file.path(root, "script.R")
  code <- c(
    "error <- tryCatch(rekognition::liveness_delete(Sys.getenv('DIR'), Sys.getenv('ID')), error = identity)",
    "writeLines(c(class(error)[1], basename(error$path), error$deleted$session_id))"
  )
  writeLines(code, script)
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = ":"), DIR = dir, ID = ids[1])
  # Files of more than some kilobytes cannot be written.
  command <- paste(
    "trap '' XFSZ; ulimit -f 8;",
    shQuote(file.path(R.home("bin"), "Rscript")),
    "--vanilla",
    shQuote(script)
  )
  said <- system2("sh", c("-c", shQuote(command)), stdout = TRUE)
  expect_identical(said, c("rekognition_file_error", "reviews.jsonl", ids[1]))
  expect_setequal(list.files(dir, all.files = TRUE, no.. = TRUE), c("reviews.jsonl", ids[2]))
  expect_identical(readLines(reviews), lines)
  expect_identical(nrow(liveness_delete(dir, ids[1])), 0L)
  expect_identical(readLines(reviews), lines[-1])
})

test_that("only an empty folder is taken for a lock", {
  skip_on_os("windows")
  dir <- withr::local_tempdir()
  id <- stored_days_ago(dir, 9)
  writeLines(review_line(id, "live"), file.path(dir, "reviews.jsonl"))
  lock <- file.path(dir, "reviews.jsonl.lock")
  makers <- list(
    function() writeLines("mine", lock),
    function() dir.create(file.path(lock, "mine"), recursive = TRUE),
    function() system2("mkfifo", shQuote(lock)),
    function() file.symlink(withr::local_tempdir(.local_envir = parent.frame(2)), lock),
    function() file.symlink(file.path(dir, "absent"), lock)
  )
  for (make in makers) {
    make()
    suppressWarnings(Sys.setFileTime(lock, Sys.time() - 120))
    before <- files_in(dir)
    error <- caught(liveness_delete(dir, id))
    expect_s3_class(error, "rekognition_file_error")
    expect_identical(error$path, lock)
    expect_match(conditionMessage(error), "not an empty folder")
    expect_identical(nrow(error$deleted), 0L)
    expect_identical(files_in(dir), before)
    unlink(lock, recursive = TRUE)
  }
  expect_identical(liveness_delete(dir, id)$session_id, id)
})

test_that("a lock that is not released is an error that says how old it is", {
  wait <- rekognition:::max_lock_wait
  utils::assignInNamespace("max_lock_wait", 0, "rekognition")
  withr::defer(utils::assignInNamespace("max_lock_wait", wait, "rekognition"))
  dir <- withr::local_tempdir()
  id <- stored_days_ago(dir, 9)
  writeLines(review_line(id, "live"), file.path(dir, "reviews.jsonl"))
  lock <- file.path(dir, "reviews.jsonl.lock")
  dir.create(lock)
  for (age in c(-86400, 5)) {
    Sys.setFileTime(lock, Sys.time() - age)
    made <- format(file.mtime(lock), "%Y-%m-%d %H:%M:%S", tz = "UTC")
    error <- caught(liveness_delete(dir, id))
    expect_s3_class(error, "rekognition_file_error")
    expect_identical(error$path, lock)
    expect_match(conditionMessage(error), made, fixed = TRUE)
    expect_match(conditionMessage(error), "delete it", fixed = TRUE)
    expect_true(dir.exists(lock))
    expect_identical(liveness_read(dir)$session_id, id)
  }
  Sys.setFileTime(lock, Sys.time() - 120)
  expect_identical(liveness_delete(dir, id)$session_id, id)
  expect_false(dir.exists(lock))
})

test_that("the lock of another process is not deleted in place of an old one", {
  skip_on_cran() # another process
  dir <- withr::local_tempdir()
  reviews <- file.path(dir, "reviews.jsonl")
  writeLines(review_line(c(some_id, "other"), "live"), reviews)
  lock <- paste0(reviews, ".lock")
  dir.create(lock)
  Sys.setFileTime(lock, Sys.time() - 120)
  delete <- function(dir, id) {
    library(rekognition)
    seen <- new.env()
    seen$said <- character()
    is_lock <- function(path) basename(path) == "reviews.jsonl.lock"
    # When the old lock has been found, another process replaces it by its own.
    before_rename <- function(from) {
      if (is_lock(from) && length(seen$said) == 0) {
        unlink(from, recursive = TRUE)
        dir.create(from)
        seen$said <- "replaced"
      }
    }
    # The other process releases its lock at the next attempt.
    before_create <- function(path) {
      if (is_lock(path) && identical(seen$said, "replaced")) {
        seen$said <- c("replaced", if (dir.exists(path)) "respected")
        unlink(path, recursive = TRUE)
      }
    }
    trace(file.rename, bquote(.(before_rename)(from)), print = FALSE)
    trace(dir.create, bquote(.(before_create)(path)), print = FALSE)
    liveness_delete(dir, id)
    seen$said
  }
  env <- c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  expect_identical(callr::r(delete, list(dir, some_id), env = env), c("replaced", "respected"))
  expect_identical(readLines(reviews), review_line("other", "live"))
  expect_identical(list.files(dir), "reviews.jsonl")
})

test_that("a deletion that took longer than a lock lasts leaves the lock of another process", {
  skip_on_cran() # another process
  dir <- withr::local_tempdir()
  reviews <- file.path(dir, "reviews.jsonl")
  writeLines(review_line(c(some_id, "other"), "live"), reviews)
  delete <- function(dir, id) {
    library(rekognition)
    lock <- file.path(dir, "reviews.jsonl.lock")
    # While this process was suspended, another one has taken the lock over.
    take_over <- function() {
      unlink(lock, recursive = TRUE)
      dir.create(lock)
      Sys.setFileTime(lock, Sys.time() + 5)
    }
    trace("reviews_delete", bquote(.(take_over)()), where = asNamespace("rekognition"), print = FALSE)
    liveness_delete(dir, id)
    dir.exists(lock)
  }
  env <- c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  expect_true(callr::r(delete, list(dir, some_id), env = env))
})

# Deletes a session in another process, in which `meanwhile(dir)` runs when its folder has been deleted.
delete_while <- function(dir, id, meanwhile) {
  delete <- function(dir, id, meanwhile) {
    library(rekognition)
    run <- function() meanwhile(dir)
    trace("folder_delete", exit = bquote(.(run)()), where = asNamespace("rekognition"), print = FALSE)
    tryCatch(liveness_delete(dir, id)$session_id, rekognition_file_error = conditionMessage)
  }
  env <- c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  callr::r(delete, list(dir, id, meanwhile), env = env)
}

test_that("reviews are not rewritten under the lock of another process", {
  skip_on_cran() # another process
  dir <- withr::local_tempdir()
  id <- stored_days_ago(dir, 9)
  reviews <- file.path(dir, "reviews.jsonl")
  lines <- review_line(c(id, "other"), "live")
  writeLines(lines, reviews)
  message <- delete_while(dir, id, function(dir) {
    lock <- file.path(dir, "reviews.jsonl.lock")
    unlink(lock, recursive = TRUE)
    dir.create(lock)
    Sys.setFileTime(lock, Sys.time() + 5)
  })
  expect_match(message, "Another process has taken over the lock")
  expect_identical(readLines(reviews), lines)
  unlink(file.path(dir, "reviews.jsonl.lock"), recursive = TRUE)
  liveness_delete(dir, id)
  expect_identical(readLines(reviews), lines[2])
})

test_that("the first review of all, written while its session is deleted, is deleted", {
  skip_on_cran() # another process
  dir <- withr::local_tempdir()
  id <- stored_days_ago(dir, 9)
  write <- function(dir) NULL
  body(write) <- bquote(writeLines(.(review_line(c(id, "other"), "live")), file.path(dir, "reviews.jsonl")))
  expect_identical(delete_while(dir, id, write), id)
  expect_identical(readLines(file.path(dir, "reviews.jsonl")), review_line("other", "live"))
})
