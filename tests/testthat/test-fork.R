# The value of an expression in a forked process, on Unix only.
in_child <- function(expr) {
  parallel::mccollect(parallel::mcparallel(expr))[[1]]
}

test_that("forked processes fetch their own sessions, with a used and with an unused client", {
  skip_on_os("windows")
  emulator <- test_emulator()
  warm <- rekognition(config = emulator$config)
  ids <- vapply(1:8, function(i) new_session(warm), "")
  for (i in seq_along(ids)) {
    emulator$check(ids[i], confidence = i)
  }
  for (svc in list(warm, rekognition(config = emulator$config))) {
    results <- parallel::mclapply(ids, svc$get_face_liveness_session_results, mc.cores = 2)
    expect_identical(vapply(results, `[[`, "", "SessionId"), ids)
    expect_identical(vapply(results, `[[`, 0, "Confidence"), as.numeric(seq_along(ids)))
  }
  # The parent's client keeps working.
  expect_identical(warm$get_face_liveness_session_results(ids[1])$Confidence, 1)
})

test_that("a fork of a fork works, and so does its own emulator", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  nested <- in_child({
    inner <- in_child(svc$get_face_liveness_session_results(id)$Status)
    own <- rekognition_emulator()
    list(inner, svc$get_face_liveness_session_results(id)$Status, new_session(rekognition(own$config)))
  })
  expect_identical(nested[1:2], list("CREATED", "CREATED"))
  expect_match(nested[[3]], "^[0-9a-f-]{36}$")
})

test_that("a forked process cannot use or stop its parent's emulator, and its end does not disturb it", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  requests <- in_child({
    emulator$stop()
    gc()
    class(caught(emulator$requests()))[1]
  })
  expect_identical(requests, "rekognition_error")
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
  expect_equal(nrow(emulator$requests()), 2)
})

test_that("a stopped emulator does not listen any more, although a forked process has its socket", {
  skip_on_os("windows")
  emulator <- test_emulator()
  child <- parallel::mcparallel(
    repeat {
      Sys.sleep(0.1)
    }
  )
  withr::defer(tools::pskill(child$pid, tools::SIGKILL))
  port <- as.integer(sub(".*:", "", emulator$url))
  emulator$stop()
  again <- test_emulator(port = port)
  svc <- rekognition(again$config)
  expect_identical(svc$get_face_liveness_session_results(new_session(svc))$Status, "CREATED")
})
