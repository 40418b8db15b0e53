# What a forked child makes of an expression; forking is for Unix.
in_child <- function(expr) {
  parallel::mccollect(parallel::mcparallel(expr))[[1]]
}

test_that("forked children fetch their own sessions, with a client that was used and one that was not", {
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
  # The parent's client works on.
  expect_identical(warm$get_face_liveness_session_results(ids[1])$Confidence, 1)
})

test_that("a child of a child works, and so does an emulator of its own", {
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

test_that("a child cannot stop or ask its parent's emulator, and its end does not disturb it", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  asked <- in_child({
    emulator$stop()
    gc()
    class(caught(emulator$requests()))[1]
  })
  expect_identical(asked, "rekognition_error")
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
  expect_equal(nrow(emulator$requests()), 2)
})
