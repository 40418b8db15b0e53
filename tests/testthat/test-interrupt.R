test_that("Ctrl-C ends a call as an interrupt, and the client works on", {
  skip_on_os("windows")
  emulator <- local_emulator()
  id <- new_session(rekognition(config = emulator$config))
  emulator$fault("hang")
  child <- callr::r_bg(
    function(config, id) {
      svc <- rekognition::rekognition(config = config)
      outcome <- tryCatch(
        svc$get_face_liveness_session_results(id),
        interrupt = function(e) "interrupted",
        error = function(e) class(e)[1]
      )
      list(outcome, svc$get_face_liveness_session_results(id)$Status)
    },
    # An interrupt that comes late finds the call over.
    list(c(emulator$config, operation_timeout = 2), id),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = ":"))
  )
  withr::defer(child$kill())
  # The request that hangs has arrived, so the child is in the call.
  while (nrow(emulator$requests()) < 2 && child$is_alive()) {
    Sys.sleep(0.01)
  }
  child$interrupt()
  child$wait(60000)
  expect_identical(child$get_result(), list("interrupted", "CREATED"))
})
