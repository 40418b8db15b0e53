# The parts of the console that need no browser.

test_that("reviews in a folder can be read back, whatever the text", {
  console <- console_functions()
  dir <- withr::local_tempdir()
  expect_identical(nrow(console$read_reviews(dir)), 0L)
  notes <- c(
    "",
    "two\nlines",
    "\"quotes\" and \\ and </script>",
    "Gr\u00fc\u00dfe \u4e2d\u6587 \U0001f600",
    "{\"a\":1}"
  )
  labels <- c("live", "attack", NA, "live", NA)
  for (i in seq_along(notes)) {
    console$append_review(dir, some_id, "Ada", labels[i], notes[i])
  }
  reviews <- console$read_reviews(dir)
  expect_identical(reviews$note, notes)
  expect_identical(reviews$label, labels)
  expect_identical(unique(reviews$reviewer), "Ada")
  expect_true(all(abs(Sys.time() - as.POSIXct(reviews$reviewed_at, "UTC", "%Y-%m-%dT%H:%M:%OSZ")) < 600))
  skip_on_os("windows")
  expect_identical(format(file.mode(file.path(dir, "reviews.jsonl"))), "600")
})

test_that("lines that are not reviews are left out, and the next review starts a new line", {
  console <- console_functions()
  dir <- withr::local_tempdir()
  good <- function(note) {
    sprintf(
      '{"session_id":"a","reviewer":"b","label":null,"note":"%s","reviewed_at":"2026-01-31T23:59:59.123Z"}',
      note
    )
  }
  lines <- c(
    good("first"),
    "",
    "not JSON",
    "[]",
    "12",
    '{"session_id":1,"reviewer":"b","label":"live","note":"","reviewed_at":"x"}',
    sub("null", "\"maybe\"", good("label")),
    sub("\"b\"", "null", good("reviewer")),
    good("second")
  )
  path <- file.path(dir, "reviews.jsonl")
  writeLines(paste0(c("\ufeff", rep("", length(lines) - 1)), lines), path, useBytes = TRUE)
  cat('{"session_id":"a","revi', file = path, append = TRUE)
  expect_identical(console$read_reviews(dir)$note, c("first", "second"))
  console$append_review(dir, "a", "b", "live", "third")
  expect_identical(console$read_reviews(dir)$note, c("first", "second", "third"))
})

test_that("reviews of many processes do not mix", {
  dir <- withr::local_tempdir()
  folder <- system.file("examples", "shiny", "R", package = "rekognition")
  review <- function(folder, dir, name) {
    console <- new.env()
    for (file in c("text.R", "reviews-file.R")) {
      sys.source(file.path(folder, file), console)
    }
    for (i in 1:50) {
      console$append_review(dir, "a", name, "live", strrep(name, 800))
    }
  }
  processes <- lapply(c("x", "y", "z"), function(name) callr::r_bg(review, list(folder, dir, name)))
  for (process in processes) {
    process$wait()
    process$get_result()
  }
  reviews <- console_functions()$read_reviews(dir)
  expect_identical(nrow(reviews), 150L)
  expect_identical(reviews$note, strrep(reviews$reviewer, 800))
  expect_false(file.exists(file.path(dir, "reviews.jsonl.lock")))
})

test_that("the lock of a process that was killed does not last", {
  console <- console_functions()
  dir <- withr::local_tempdir()
  lock <- file.path(dir, "reviews.jsonl.lock")
  dir.create(lock)
  Sys.setFileTime(lock, Sys.time() - 120)
  console$append_review(dir, "a", "Ada", "live", "")
  expect_identical(nrow(console$read_reviews(dir)), 1L)
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), "reviews.jsonl")
  # What is not an empty folder is no lock, and stays.
  dir.create(lock)
  file.create(file.path(lock, "kept"))
  Sys.setFileTime(lock, Sys.time() - 120)
  expect_error(console$append_review(dir, "a", "Ada", "live", ""), "not an empty folder")
  expect_identical(list.files(lock), "kept")
})

test_that("reviews are neither read from a link nor written to one", {
  skip_on_os("windows")
  console <- console_functions()
  dir <- withr::local_tempdir()
  target <- withr::local_tempfile(lines = "kept")
  file.symlink(target, file.path(dir, "reviews.jsonl"))
  expect_error(console$read_reviews(dir), "not a file")
  expect_error(console$append_review(dir, "a", "Ada", "live", ""), "not a file")
  expect_identical(readLines(target), "kept")
})

test_that("the longest review fits into one write", {
  console <- console_functions()
  dir <- withr::local_tempdir()
  long <- strrep("\U0001f600", 5000)
  expect_identical(console$valid_reviewer(long), NA_character_)
  name <- console$valid_reviewer(strrep("\U0001f600", 100))
  note <- console$clean_note(long)
  console$append_review(dir, some_id, name, "attack", note)
  expect_identical(console$read_reviews(dir)$note, strrep("\U0001f600", 800))
})

test_that("the reviewer is the one that the proxy names, by the exact header", {
  console <- console_functions()
  session <- function(headers = character(), user = NULL) list(request = list(HEADERS = headers), user = user)
  signed_in <- console$signed_in_reviewer
  expect_null(signed_in(session(), NULL))
  expect_identical(signed_in(session(user = "ada"), NULL), "ada")
  proxied <- session(c(host = "x", `x-forwarded-user` = "ada@example.org", x_forwarded_user = "evil"), "evil")
  expect_identical(signed_in(proxied, "X-Forwarded-User"), "ada@example.org")
  # Without the header, there is no other way to a name.
  expect_identical(
    signed_in(session(c(x_forwarded_user = "evil"), "evil"), "X-Forwarded-User"),
    NA_character_
  )
  for (name in c("", " ", "a\nb", "a\u202eb", broken, strrep("a", 101))) {
    expect_identical(signed_in(session(c(user = name)), "User"), NA_character_)
  }
  expect_identical(signed_in(session(c(user = " J\u00f6rg ")), "User"), "J\u00f6rg")
})

test_that("the newest review counts, and reviewers disagree if their newest labels do", {
  console <- console_functions()
  review <- function(id, reviewer, label) {
    data.frame(session_id = id, reviewer = reviewer, label = label, note = "", reviewed_at = "")
  }
  reviews <- rbind(
    review("a", "Ada", "live"),
    review("a", "Ben", "attack"),
    review("b", "Ada", "live"),
    review("b", "Ben", "attack"),
    review("b", "Ada", "attack"),
    review("c", "Ada", "live"),
    review("c", "Ben", NA),
    review("gone", "Ada", "live")
  )
  sessions <- data.frame(
    session_id = c("a", "b", "c", "d"),
    status = "SUCCEEDED",
    confidence = c(1, 2, NA, 4)
  )
  table <- console$with_reviews(sessions, reviews, NULL)
  expect_identical(table$label, c("attack", "attack", NA, NA))
  expect_identical(table$reviewer, c("Ben", "Ada", "Ben", NA))
  expect_identical(table$is_disputed, c(TRUE, FALSE, FALSE, FALSE))
  matches <- function(...) table$session_id[console$matches_filters(table, ...)]
  expect_identical(matches("all", "all", ""), c("a", "b", "c", "d"))
  expect_identical(matches("undecided", "all", ""), c("c", "d"))
  expect_identical(matches("attack", "none", ""), c("a", "b"))
  expect_identical(matches("disputed", "all", ""), "a")
  expect_identical(matches("all", "pass", ""), character())
  expect_identical(matches("all", "all", "b"), "b")
})

test_that("a console does not start with settings that contradict each other", {
  expect_refused <- function(..., message) {
    app <- local_app("shiny", env = c(...))
    app$process$wait(10000)
    expect_false(app$process$is_alive())
    expect_match(as.character(caught(app$process$get_result())$parent), message)
  }
  expect_refused(LIVENESS_THRESHOLD = "high", message = "LIVENESS_THRESHOLD must be a number")
  expect_refused(LIVENESS_THRESHOLD = "0.9", message = "LIVENESS_THRESHOLD must be a number")
  expect_refused(LIVENESS_REVIEW = "80", message = "LIVENESS_REVIEW must be below")
  expect_refused(LIVENESS_THRESHOLD = "80", LIVENESS_REVIEW = "80", message = "LIVENESS_REVIEW must be below")
  expect_refused(LIVENESS_DIR = "a", LIVENESS_DATABASE = "b", message = "not both")
  expect_refused(LIVENESS_DIR = "/no/such/folder", message = "LIVENESS_DIR is not a folder")
  expect_refused(LIVENESS_DATABASE = "/no/such/file", message = "LIVENESS_DATABASE is neither a file")
})

test_that("the title of a database has no password", {
  title <- console_functions()$database_title
  expect_identical(
    title("postgresql://ada:p%40ss@db.example:5432/live?sslmode=require"),
    "PostgreSQL database db.example:5432/live"
  )
  expect_identical(title("postgresql://db.example/live"), "PostgreSQL database db.example/live")
  expect_no_match(title("postgresql://ada:p@ss@db.example/live?password=secret"), "ss@|secret")
})
