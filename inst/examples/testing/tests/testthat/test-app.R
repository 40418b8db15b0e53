test_that("the app shows and records the verdict, and not the score", {
  emulator <- rekognition::local_emulator(check_after = Inf)
  session_id <- rekognition::rekognition_create_face_liveness_session()$SessionId
  recorded <- list()
  record <- function(session_id, passed) recorded[[session_id]] <<- passed
  # In place of the camera: what liveness_check_server() would return.
  check <- list(result = shiny::reactiveVal(), error = shiny::reactiveVal())
  shiny::testServer(verdict_server, args = list(check = check, record = record), {
    expect_error(output$verdict, class = "shiny.silent.error")
    for (confidence in c(99, 42)) {
      emulator$check(session_id, confidence = confidence)
      check$result(rekognition::liveness_results(session_id))
      session$flushReact()
      expect_identical(output$verdict, if (confidence == 99) "You passed." else "You did not pass.")
      expect_identical(recorded[[session_id]], confidence == 99)
    }
    check$error(simpleCondition("No camera"))
    session$flushReact()
    expect_match(output$verdict, "did not work")
  })
})

test_that("the app says so when the service refuses a session", {
  emulator <- rekognition::local_emulator(check_after = Inf)
  emulator$fault("error", code = "AccessDeniedException")
  shiny::testServer(rekognition::liveness_check_server, args = list(id = "check"), {
    check <- session$returned
    # The module also writes the condition to stderr, for the log.
    utils::capture.output(type = "message", {
      check$start()
      wait_until(check$state() == "failed", "the check has failed")
    })
    expect_s3_class(check$error(), "AccessDeniedException")
  })
  expect_identical(nrow(emulator$requests()), 1L)
})
