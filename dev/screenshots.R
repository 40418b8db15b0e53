# Takes the screenshots for the README, man/figures/review-console.png and report.png: `make screenshots`. It needs
# Chromium with its chromedriver, and fonts.

source("tests/testthat/helper-browser.R")
source("tests/testthat/helper-apps.R")
Sys.setenv(NOT_CRAN = "true")

take_console <- function() {
  app <- local_app("shiny")
  browser <- local_browser()
  set_screen(browser, 1200, 920)
  browse(browser, app$url)
  click(browser, "#demo")
  # By script, so that the mouse is over no row.
  choose <- function(i, decision) {
    row <- sprintf("tbody tr:nth-child(%d)", i)
    find(browser, row)
    run_script(browser, "document.querySelector(arguments[0]).click()", paste(row, "button"))
    find(browser, paste0(row, ".selected"))
    id <- run_script(browser, "return document.querySelector('tr.selected button').dataset.session")
    click(browser, sprintf("fieldset[data-session='%s'] input[value=%s]", id, decision))
    wait_until(text_of(browser, paste(row, ".decision")) == decision, "it is decided")
  }
  Map(choose, c(1, 2, 3, 5, 6, 4), c("live", "live", "live", "attack", "attack", "live"))
  run_script(browser, "document.activeElement.blur()")
  find(browser, "html:not(.shiny-busy)")
  screenshot(browser, "man/figures/review-console.png", 1200, 920)
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
  rekognition::liveness_report(results, file, thresholds = c(80, 90), title = "This week's checks")
  browser <- local_browser()
  set_screen(browser, 1200, 1000)
  browse(browser, paste0("file://", file))
  screenshot(browser, "man/figures/report.png", 1200, 1000)
}

take_console()
take_report()
