# Many pages at the relays of the example back end, scripted in Python.

# While R computes, it reads no requests.
busy <- c("busy <- function() { Sys.sleep(0.4); later::later(busy, 0.4) }", "later::later(busy, 0.4)")

run_pages <- function(script, app, ...) {
  withr::local_envvar(NO_PROXY = "127.0.0.1")
  run_python(script, c(app$url, ...))
}

test_that("of twenty checks at once none is lost, although R is busy now and then", {
  skip_without_boto3()
  emulator <- test_emulator(keep_video = TRUE)
  app <- back_end(emulator, added = busy)
  checks <- lapply(run_pages("relay_many.py", app, "20"), jsonlite::fromJSON)
  column <- function(name, type) vapply(checks, `[[`, type, name)
  expect_length(unique(column("session", "")), 20)
  expect_identical(column("verdict", ""), rep("pass", 20))
  expect_identical(column("code", 0L), rep(1000L, 20))

  # What the service has is what the pages sent.
  requests <- emulator$requests()
  streams <- requests[requests$operation == "StartFaceLivenessSession", ]
  expect_identical(nrow(streams), 20L)
  expect_equal(streams$video_bytes[match(column("session", ""), streams$session_id)], column("bytes", 0L))
  # The emulator keeps the videos of ten sessions.
  videos <- lapply(column("session", ""), function(id) caught(emulator$video(id)))
  kept <- vapply(videos, function(video) is.raw(video) && length(video) > 0, NA)
  expect_identical(sum(kept), 10L)
  md5 <- vapply(
    videos[kept],
    function(video) {
      file <- withr::local_tempfile()
      writeBin(video, file)
      unname(tools::md5sum(file))
    },
    ""
  )
  expect_identical(md5, column("md5", "")[kept])

  # The service sees the keys of the client alone.
  expect_identical(unique(streams$access_key_id), emulator$config$credentials$creds$access_key_id)
  expect_null(logged(app, "error"))
})

test_that("a page that does not keep to the rules is refused, and harms no other check", {
  skip_without_boto3()
  emulator <- test_emulator()
  app <- back_end(emulator)
  outcomes <- run_pages("relay_attacks.py", app)
  expect_identical(sub("^[^\t]*\t", "", outcomes), rep("ok", 15), info = paste(outcomes, collapse = "\n"))
  expect_identical(new_user(app)("POST", "/sessions")$status, 201L)
  # Each failed check is a line, without what the page sent.
  expect_setequal(logged(app), c("started", "check started", "verdict recorded", "error"))
  expect_identical(unique(logged(app, "error")), "rekognition_check_error")
  expect_match(
    grep("^\\{", strsplit(app$output(), "\n")[[1]], value = TRUE, invert = TRUE),
    "^Running plumber"
  )
})
