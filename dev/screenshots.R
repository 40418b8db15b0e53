# Takes the screenshots for the README, man/figures/check.png, review-console.png and report.png: `make screenshots`. It
# needs Chromium with its chromedriver, and fonts.

source("tests/testthat/helper-browser.R")
source("tests/testthat/helper-apps.R")
source("tests/testthat/helper-check.R")
source("tests/testthat/helper-console.R")
Sys.setenv(NOT_CRAN = "true")

# Four states of a check, side by side. The camera shows a drawn face.
take_check <- function() {
  app <- local_app("check")
  browser <- local_browser(arguments = camera_flags())
  shows <- function(text) grepl(text, text_of(browser, ".rekognition-check"), fixed = TRUE)
  states <- list()
  take <- function() {
    file <- screenshot(browser, withr::local_tempfile(fileext = ".png"), 400, 560)
    states <<- c(states, list(png::readPNG(file)[,, 1:3]))
  }
  set_screen(browser, 400, 560)
  browse(browser, app$url)
  click(browser, ".rekognition-check-start:not([hidden])")
  wait_until(shows("Center your face"), "the camera is on")
  take()
  press_start(browser)
  wait_until(shows("Move closer"), "the face is too far away")
  take()
  # The first color is black. The pixel is at the bottom, where each color arrives last.
  is_colored <- "const canvas = document.querySelector('.amplify-liveness-freshness-canvas');
    const pixel = canvas.getContext('2d').getImageData(0, canvas.height - 1, 1, 1).data;
    return pixel[3] > 0 && Math.max(...pixel.slice(0, 3)) > 0"
  wait_until(run_script(browser, is_colored), "the screen flashes")
  take()
  wait_until(text_of(browser, "#verdict") == "You passed." && shows("Check complete"), "the check has ended")
  take()
  write_side_by_side(states, "man/figures/check.png")
}

# Writes images of the same size with a border each, in few colors, which makes the file small.
write_side_by_side <- function(images, file) {
  framed <- lapply(images, function(image) {
    image[c(1, nrow(image)), , ] <- 0.8
    image[, c(1, ncol(image)), ] <- 0.8
    image
  })
  gap <- array(1, c(nrow(framed[[1]]), 12, 3))
  columns <- utils::head(unlist(lapply(framed, list, gap), recursive = FALSE), -1)
  bind <- function(channel) do.call(cbind, lapply(columns, function(image) image[,, channel]))
  all <- simplify2array(lapply(1:3, bind))
  png::writePNG(round(all * 31) / 31, file)
}

take_console <- function() {
  env <- c(LIVENESS_THRESHOLD = "95", LIVENESS_REVIEW = "80", LIVENESS_REASON = "onboarding policy of June")
  app <- local_app("shiny", env = env)
  browser <- local_browser()
  visit_console(browser, app, "Ada")
  set_screen(browser, 1280, 900)
  click(browser, "#demo")
  wait_for_rows(browser, 10)
  labels <- c("live", "live", "live", "live", "attack", "attack")
  # The one that stays selected comes last.
  for (i in c(1, 2, 3, 5, 6, 4)) {
    select_row(browser, i)
    if (i == 4) {
      type(browser, "#note", "Dim light, but a person.")
    }
    review_as(browser, labels[i])
  }
  wait_until(length(find_all(browser, "#table td.review .by")) == 6, "all reviews are shown")
  find(browser, "html:not(.shiny-busy)")
  screenshot(browser, "man/figures/review-console.png", 1280, 900)
}

take_report <- function() {
  emulator <- rekognition::rekognition_emulator(check_after = Inf)
  on.exit(emulator$stop())
  svc <- rekognition::rekognition(config = emulator$config)
  scores <- c(99.4, 98.7, 97.9, 96.2, 94.8, 93.1, 91.5, 88.9, 64.2, 12.7)
  ids <- vapply(
    scores,
    function(score) svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 3))$SessionId,
    ""
  )
  Map(function(id, score) emulator$check(id, confidence = score), ids[1:8], scores[1:8])
  emulator$check(
    ids[9],
    confidence = scores[9],
    feedback = c("LOW_LIGHTING_DETECTED", "EYES_CLOSED_DETECTED")
  )
  emulator$check(ids[10], "FAILED")
  results <- rekognition::liveness_results(ids, svc)
  file <- withr::local_tempfile(fileext = ".html")
  rekognition::liveness_report(
    results,
    file,
    title = "This week's checks",
    decision = c(review = 80, pass = 95),
    reason = "Accounts with payments of up to 100 euros",
    author = "Ada"
  )
  browser <- local_browser()
  set_screen(browser, 1200, 1000)
  browse(browser, paste0("file://", file))
  screenshot(browser, "man/figures/report.png", 1200, 1000)
}

take_check()
take_console()
take_report()
