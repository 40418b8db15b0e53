# Whole checks in Shiny apps, in Chromium with a camera that shows a drawn face.

skip_without_camera()
skip_if_not_installed("shiny")
skip_if(
  !nzchar(system.file("www", "liveness", package = "rekognition")),
  "the page's half is not built: make page"
)

# Opens an app in a browser with a camera.
open_check <- function(app, camera = camera_flags(), frame = parent.frame()) {
  browser <- local_browser(frame, camera)
  record_traffic(browser)
  browse(browser, app$url)
}

# Presses the module's button, and waits until the check shows its own.
press_button <- function(browser, id = "check") {
  click(browser, sprintf("#%s-page .rekognition-check-start:not([hidden])", id))
}

begin_check <- function(browser, id = "check") {
  press_button(browser, id)
  find(browser, sprintf("#%s-page .amplify-button--primary", id))
}

module_text <- function(browser, id = "check") {
  text_of(browser, sprintf("#%s-page", id))
}

# A module whose challenge takes less time.
short_check <- function(id = "check", ...) {
  settings <- "Settings = list(ChallengePreferences = list(list(Type = 'FaceMovementChallenge')))"
  sprintf("liveness_check_server(%s)", paste(c(shQuote(id), "svc", settings, ...), collapse = ", "))
}

# The sessions that the emulator has created, in order.
sessions_of <- function(emulator) {
  requests <- emulator$requests()
  requests$session_id[requests$operation == "StartFaceLivenessSession"]
}

# The status of the last session.
last_status <- function(emulator) {
  rekognition(emulator$config)$get_face_liveness_session_results(utils::tail(sessions_of(emulator), 1))$Status
}

test_that("a whole check passes in the example, and the page learns that it has passed and nothing else", {
  emulator <- test_emulator()
  app <- local_app("check", emulator)
  browser <- open_check(app)
  begin_check(browser)
  emulator$check(sessions_of(emulator), confidence = 98.7654, when = "streamed")
  press_start(browser)
  wait_until(grepl("You passed", text_of(browser, "#verdict")), "the check passes")
  expect_match(module_text(browser), "Check complete")

  seen <- traffic(browser)
  expect_gt(length(seen), 20)
  keys <- emulator$config$credentials$creds
  expect_false(any(grepl(keys$access_key_id, seen, fixed = TRUE)))
  expect_false(any(grepl(keys$secret_access_key, seen, fixed = TRUE)))
  expect_false(any(grepl("98[.,]?7654|Confidence", seen)))
  # JPEG begins so, as bytes and in base64.
  expect_false(any(grepl("/9j/|ReferenceImage", seen)))
  # The component keeps which camera the person has chosen.
  stored <- run_script(browser, "return [...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
  expect_identical(unlist(stored), "AmplifyLivenessCameraId")
  inputs <- run_script(
    browser,
    "return Object.keys(Shiny.shinyapp.$inputValues).filter(name => name[0] !== '.')"
  )
  expect_identical(unlist(inputs), "check-page")
  loaded <- run_script(browser, "return performance.getEntriesByType('resource').map(entry => entry.name)")
  expect_true(all(startsWith(unlist(loaded), app$url)))
  expect_length(check_console(browser), 0)
})

test_that("a check completes while a promise of the Shiny session is pending", {
  emulator <- test_emulator()
  app <- local_check_app(
    emulator,
    check = short_check(),
    ui = "textOutput('slow')",
    server = c(
      "output$slow <- renderText(promises::promise(function(resolve, reject) later::later(function() resolve('slow'), 600)))"
    )
  )
  browser <- open_check(app)
  begin_check(browser)
  emulator$check(sessions_of(emulator), confidence = 12.3456, when = "streamed")
  press_start(browser)
  expect_identical(wait_for_report(app, "done"), "done SUCCEEDED")
  expect_identical(text_of(browser, "#slow"), "")
  expect_identical(states_of(app), c("idle", "starting", "checking", "fetching", "done SUCCEEDED"))
  expect_match(module_text(browser), "Check complete")
})

test_that("a person can cancel, and try again with a new session", {
  emulator <- test_emulator()
  app <- local_check_app(
    emulator,
    check = short_check(),
    ui = "actionButton('stop', 'Stop')",
    server = "observeEvent(input$stop, check$cancel())"
  )
  browser <- open_check(app)
  begin_check(browser)
  press_start(browser)
  click(browser, ".amplify-liveness-cancel-button")
  wait_for_report(app, "cancelled")
  expect_identical(last_status(emulator), "FAILED")
  find(browser, ".rekognition-check-start:not([hidden])")
  expect_match(module_text(browser), "Check canceled\\s+Try again")
  # The app cancels the next one.
  begin_check(browser)
  click(browser, "#stop")
  find(browser, ".rekognition-check-start:not([hidden])")
  wait_until(last_status(emulator) == "FAILED", "the session has failed")
  begin_check(browser)
  press_start(browser)
  wait_for_report(app, "done SUCCEEDED")
  expect_length(unique(sessions_of(emulator)), 3)
  expect_length(check_console(browser), 0)
})

test_that("two checks on a page have their own results", {
  emulator <- test_emulator()
  app <- local_check_app(
    emulator,
    check = short_check(),
    ui = "liveness_check_ui('other', label = 'Los', text = list(startScreenBeginCheckText = 'Video ab', checkCompleteText = 'Fertig'))",
    server = c(paste("other <-", short_check("other")), "observe(report('other', other))")
  )
  browser <- open_check(app)
  begin_check(browser)
  press_start(browser)
  wait_for_report(app, "done SUCCEEDED")
  expect_identical(states_of(app, "other"), "idle")
  expect_identical(module_text(browser, "other"), "Los")
  begin_check(browser, "other")
  expect_match(module_text(browser, "other"), "Video ab")
  emulator$check(sessions_of(emulator)[2], status = "FAILED", when = "streamed")
  press_start(browser)
  wait_for_report(app, "done FAILED", "other")
  wait_until(module_text(browser, "other") == "Fertig", "the check ends in the page")
  expect_identical(utils::tail(states_of(app), 1), "done SUCCEEDED")
})

test_that("the person sees why a check has failed, and the app gets the condition", {
  emulator <- test_emulator()
  app <- local_check_app(emulator, check = short_check())
  browser <- open_check(app)
  emulator$fault("stream_error", code = "ValidationException", message = "The session is used up.")
  press_button(browser)
  expect_match(wait_for_report(app, "failed"), "^failed ValidationException .*The session is used up")
  find(browser, ".rekognition-check-start:not([hidden])")
  expect_match(
    module_text(browser),
    "The service could not complete the check.\\s+ValidationException"
  )
  # What concerns the account is not for the page.
  emulator$fault("stream_error", code = "AccessDeniedException", message = "arn:aws:iam::123:user/secret")
  press_button(browser)
  expect_match(wait_for_report(app, "failed AccessDenied"), "secret")
  find(browser, ".rekognition-check-start:not([hidden])")
  expect_match(module_text(browser), "not available right now")
  emulator$fault("stream_cut_off", at = "end")
  begin_check(browser)
  press_start(browser)
  wait_for_report(app, "failed rekognition_connection_error")
  find(browser, ".rekognition-check-start:not([hidden])")
  expect_match(module_text(browser), "Check failed")
  expect_false(any(grepl("arn:aws|user/secret", traffic(browser))))
})

test_that("a page without a camera is a condition", {
  emulator <- test_emulator()
  app <- local_check_app(emulator)
  browser <- open_check(app, camera = character())
  press_button(browser)
  expect_match(
    wait_for_report(app, "failed"),
    "^failed rekognition_check_error (NO_CAMERA|CAMERA_NOT_ALLOWED|CAMERA_ACCESS_ERROR) "
  )
  find(browser, ".rekognition-check-start:not([hidden])")
  expect_match(module_text(browser), "[cC]amera")
})

test_that("a page that is reloaded, and an element that is removed, end the check", {
  emulator <- test_emulator()
  app <- local_check_app(
    emulator,
    lines = sub(
      "fluidPage(liveness_check_ui(\"check\"))",
      "fluidPage(actionButton('again', 'Again'), uiOutput('place'))",
      check_app(
        server = c(
          "output$place <- renderUI(tagList(input$again, liveness_check_ui('check')))",
          "session$onSessionEnded(function() say('ended: ', isolate(check$state())))"
        )
      ),
      fixed = TRUE
    )
  )
  browser <- open_check(app)
  begin_check(browser)
  browse(browser, app$url)
  wait_until(grepl("ended: cancelled", app$output()), "the check has ended")
  wait_until(last_status(emulator) == "FAILED", "the session has failed")
  begin_check(browser)
  expect_identical(last_status(emulator), "IN_PROGRESS")
  click(browser, "#again")
  wait_for_report(app, "cancelled")
  wait_until(last_status(emulator) == "FAILED", "the session has failed")
  # The new element can start another check.
  begin_check(browser)
  expect_length(unique(sessions_of(emulator)), 3)
})

test_that("a check starts by itself as soon as the person sees it", {
  emulator <- test_emulator()
  app <- local_check_app(
    emulator,
    lines = sub(
      "fluidPage(liveness_check_ui(\"check\"))",
      "fluidPage(tabsetPanel(tabPanel('One'), tabPanel('Two', liveness_check_ui('check', start_screen = FALSE))))",
      check_app(check = short_check("check", "start = 'auto'")),
      fixed = TRUE
    )
  )
  browser <- open_check(app)
  wait_for_report(app, "idle")
  click(browser, "a[data-value=Two]")
  wait_for_report(app, "done SUCCEEDED")
  expect_length(sessions_of(emulator), 1)
})

test_that("a bookmark contains nothing of a check", {
  emulator <- test_emulator()
  app <- local_check_app(
    emulator,
    setup = "enableBookmarking('url')",
    ui = "textInput('name', 'Name', 'x'), bookmarkButton()",
    server = "onBookmarked(function(url) say('bookmark: ', url))"
  )
  browser <- open_check(app)
  begin_check(browser)
  click(browser, "._bookmark_, [id='._bookmark_']")
  wait_until(grepl("bookmark: ", app$output()), "the page is bookmarked")
  url <- sub(".*bookmark: ([^\n]*).*", "\\1", app$output())
  expect_match(url, "?_inputs_&name=%22x%22", fixed = TRUE)
  expect_no_match(url, "check")
  # And works during the check.
  press_start(browser)
  wait_for_report(app, "done SUCCEEDED")
})

test_that("direct mode: the page streams to the service with keys of the role", {
  emulator <- test_emulator()
  app <- local_check_app(
    emulator,
    check = short_check("check", "mode = 'direct'", "role_arn = 'arn:aws:iam::123456789012:role/page'")
  )
  browser <- open_check(app)
  begin_check(browser)
  press_start(browser)
  wait_for_report(app, "done SUCCEEDED")
  expect_identical(states_of(app), c("idle", "starting", "checking", "fetching", "done SUCCEEDED"))
  expect_false(any(grepl(
    emulator$config$credentials$creds$secret_access_key,
    traffic(browser),
    fixed = TRUE
  )))
})
