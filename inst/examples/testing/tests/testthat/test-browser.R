# A camera for Chromium: JPEG images one after another, 30 a second. A drawn face is far
# away, comes closer until it fills the oval, and stays there.
write_camera <- function(file) {
  face <- jpeg::readJPEG(system.file("extdata", "face-0.jpg", package = "rekognition"))
  frame <- function(scale) {
    # The middle of the face is in row 306 and column 240.
    rows <- round(306 + (1:480 - 240) / scale)
    columns <- round(240 + (1:640 - 320) / scale)
    inside <- function(x, max) pmin(pmax(x, 1), max)
    jpeg::writeJPEG(face[inside(rows, nrow(face)), inside(columns, ncol(face)), ], quality = 0.8)
  }
  closer <- 0.61 * 2.8^seq(0, 1, length.out = 75)
  frames <- lapply(c(0.61, closer, 1.708), frame)
  writeBin(unlist(frames[c(rep(1, 120), 1:77, rep(77, 420), seq(76, 2, by = -2))]), file)
}

# Opens a page in Chromium with this camera, for the rest of a test.
local_chromium <- function(url, camera, frame = parent.frame()) {
  program <- Sys.which(c("chromium", "chromium-browser", "google-chrome"))
  program <- program[nzchar(program)]
  if (length(program) == 0) {
    testthat::skip("Chromium is not installed.")
  }
  profile <- withr::local_tempdir(.local_envir = frame)
  flags <- c(
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    paste0("--use-file-for-fake-video-capture=", camera),
    paste0("--user-data-dir=", profile)
  )
  chromium <- callr::process$new(program[1], c(flags, url), cleanup_tree = TRUE)
  withr::defer(chromium$kill_tree(), frame)
}

# Runs the app in a process of its own, for the rest of a test, and returns its URL. The
# process inherits the variables that local_emulator() has set.
local_check_app <- function(file, frame = parent.frame()) {
  port <- httpuv::randomPort()
  run <- function(folder, file, port) {
    for (source in list.files(folder, full.names = TRUE)) {
      source(source)
    }
    app <- check_app(record_in(file), start = "auto", start_screen = FALSE)
    shiny::runApp(app, port = port, launch.browser = FALSE)
  }
  app <- callr::r_bg(run, list(normalizePath("../../R"), file, port))
  withr::defer(app$kill(), frame)
  listens <- function() {
    connection <- try(suppressWarnings(socketConnection(port = port, timeout = 1)), silent = TRUE)
    if (inherits(connection, "error") || inherits(connection, "try-error")) {
      return(FALSE)
    }
    close(connection)
    TRUE
  }
  wait_until(listens() || !app$is_alive(), "the app listens")
  sprintf("http://127.0.0.1:%d", port)
}

test_that("a person passes in front of a camera", {
  emulator <- rekognition::local_emulator(check_after = Inf)
  verdicts <- withr::local_tempfile()
  url <- local_check_app(verdicts)
  camera <- withr::local_tempfile(fileext = ".mjpeg")
  write_camera(camera)
  local_chromium(url, camera)

  # The page has opened the stream of a session: choose the outcome.
  streams <- function() {
    requests <- emulator$requests()
    requests$session_id[requests$operation == "StartFaceLivenessSession"]
  }
  wait_until(length(streams()) == 1, "the page streams")
  emulator$check(streams(), confidence = 98.1, when = "streamed")

  wait_until(file.exists(verdicts) && length(readLines(verdicts)) == 1, "the app records a verdict")
  expect_identical(readLines(verdicts), paste(streams(), TRUE))
})
