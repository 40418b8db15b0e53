in_flight <- function() {
  length(get("promises", asNamespace("rekognition")$the))
}

test_that("a promise resolves to the value of liveness_results()", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- vapply(
    1:30,
    function(i) svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 1))$SessionId,
    ""
  )
  for (id in ids[1:20]) {
    emulator$check(id)
  }
  ids <- c(ids, some_id, ids[1])
  promise <- liveness_promise(ids, svc)
  expect_true(promises::is.promise(promise))
  same <- setdiff(names(liveness_results(character(), svc)), c("request_id", "retrieved_at", "error"))
  found <- settled(promise)
  waited <- liveness_results(ids, svc)
  expect_identical(as.list(found[same]), as.list(waited[same]))
  expect_identical(class(found$error[[31]]), class(waited$error[[31]]))
  dir <- withr::local_tempdir()
  in_files <- settled(liveness_promise(ids[1:3], svc, dir = dir))
  expect_true(all(file.exists(unlist(in_files$reference_image))))
  expect_null(settled(liveness_promise(ids[1], svc, images = "drop"))$reference_image[[1]])
  expect_identical(nrow(settled(liveness_promise(character(), svc))), 0L)
})

test_that("R continues while a promise is pending, and the background thread wakes the event loop", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$check(id)
  emulator$fault("delay", seconds = 2)
  while (!later::loop_empty()) {
    later::run_now()
  }
  promise <- liveness_promise(id, svc)
  # Nothing polls meanwhile; but the loop is not empty, for code that runs it until it is.
  expect_gt(later::next_op_secs(), 1e5)
  expect_false(later::loop_empty())
  expect_identical(settled(promise)$status, "SUCCEEDED")
  while (!later::loop_empty()) {
    later::run_now()
  }
  expect_true(later::loop_empty())
})

test_that("a thousand sessions with images are fetched, more than the buffer holds", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$put_result(
    some_id,
    list(SessionId = some_id, Status = "SUCCEEDED", ReferenceImage = list(Bytes = as.raw(rep(1:200, 1000))))
  )
  ids <- vapply(1:200, function(i) new_session(svc), "")
  for (id in ids) {
    emulator$put_result(
      id,
      list(SessionId = id, Status = "SUCCEEDED", ReferenceImage = list(Bytes = as.raw(rep(1:200, 1000))))
    )
  }
  promises <- lapply(1:5, function(i) liveness_promise(ids, svc, max_active = 50))
  for (promise in promises) {
    results <- settled(promise)
    expect_identical(results$session_id, ids)
    expect_true(all(vapply(results$reference_image, function(image) length(image$Bytes), 0L) == 200000L))
  }
  expect_identical(in_flight(), 0L)
})

test_that("every failure is a rejection with the condition of liveness_results()", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  expect_s3_class(settled(liveness_promise(5, svc)), "rekognition_argument_error")
  expect_s3_class(settled(liveness_promise()), "rekognition_argument_error")
  expect_s3_class(settled(liveness_promise(some_id, "svc")), "rekognition_argument_error")
  expect_identical(settled(liveness_promise(some_id, svc, max_actve = 3))$argument, "...")
  failed <- settled(liveness_promise(some_id, svc, on_error = "stop"))
  expect_s3_class(failed, c("SessionNotFoundException", "rekognition_service_error"), exact = FALSE)
  unreachable <- rekognition(emulator$config, endpoint = "http://127.0.0.1:9")
  expect_s3_class(
    settled(liveness_promise(some_id, unreachable, on_error = "stop")),
    "rekognition_connection_error"
  )
  withr::local_envvar(AWS_RETRY_MODE = "no such mode")
  expect_s3_class(settled(liveness_promise(some_id)), "rekognition_config_error")
  expect_identical(in_flight(), 0L)
})

test_that("an error that concerns no single session is one rejection", {
  emulator <- test_emulator()
  keys <- rekognition(emulator$config)
  lacking <- list(
    rekognition_credentials_error = rekognition(region = "us-east-1", endpoint = emulator$url),
    rekognition_config_error = rekognition(endpoint = emulator$url)
  )
  dir <- withr::local_tempdir()
  saved <- liveness_results(checked_sessions(emulator, keys, 1), keys, dir = dir)$session_id
  for (class in names(lacking)) {
    svc <- lacking[[class]]
    ids <- c(saved, sprintf("session-%d", 1:20))
    expect_s3_class(settled(liveness_promise(ids, svc)), class)
    expect_s3_class(settled(liveness_promise(ids, svc, dir = dir)), class)
    expect_s3_class(settled(liveness_promise(ids, svc, timeout = 20)), class)
  }
  expect_identical(in_flight(), 0L)
  expect_identical(nrow(results_requests(emulator)), 1L)
})

test_that("a promise can wait until sessions have ended", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- replicate(3, new_session(svc))
  promise <- liveness_promise(ids, svc, interval = 0.1)
  later::later(
    function() {
      for (id in ids) {
        emulator$check(id)
      }
    },
    0.3
  )
  expect_identical(settled(promise)$status, rep("SUCCEEDED", 3))
  left <- settled(liveness_promise(new_session(svc), svc, timeout = 2, interval = 0.5))
  expect_identical(left$status, "CREATED")
})

test_that("a promise can be canceled once", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- replicate(20, new_session(svc))
  emulator$fault("hang", times = 20)
  promise <- liveness_promise(ids, svc)
  expect_invisible(liveness_cancel(promise))
  expect_s3_class(settled(promise), c("rekognition_cancelled_error", "rekognition_error"), exact = FALSE)
  expect_false(liveness_cancel(promise))
  expect_identical(in_flight(), 0L)
  emulator$fault("none")
  expect_identical(settled(liveness_promise(ids, svc))$status, rep("CREATED", 20))
  expect_identical(caught(liveness_cancel(5))$argument, "promise")
  expect_identical(caught(liveness_cancel())$argument, "promise")
})

test_that("a promise belongs to the event loop in which it was made", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  loop <- later::create_loop()
  withr::defer(later::destroy_loop(loop))
  seen <- NULL
  later::with_loop(loop, {
    promise <- liveness_promise(id, svc)
    done <- promises::then(promise, function(results) seen <<- results$status)
    deadline <- Sys.time() + 120
    while (is.null(seen) && Sys.time() < deadline) {
      later::run_now(1, loop = loop)
    }
  })
  expect_identical(seen, "CREATED")
})

test_that("a pending promise does not outlive the package or disturb the end of R", {
  emulator <- test_emulator()
  run_elsewhere(
    function(config) {
      svc <- rekognition::rekognition(config)
      id <- svc$create_face_liveness_session()$SessionId
      rekognition::liveness_promise(rep(id, 3), svc)
      unloadNamespace("rekognition")
      later::run_now(0.5)
      stopifnot(!isNamespaceLoaded("rekognition"))
      svc <- rekognition::rekognition(config)
      rekognition::liveness_promise(id, svc)
      NULL
    },
    list(config = emulator$config)
  )
  # The session was created; the progress of the promises depends on the machine.
  expect_gte(nrow(emulator$requests()), 1)
})

test_that("Shiny accepts a promise", {
  skip_if_not_installed("shiny")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$check(id)
  server <- function(input, output, session) {
    output$status <- shiny::renderText(promises::then(liveness_promise(id, svc), function(results) {
      results$status
    }))
    output$error <- shiny::renderText(promises::catch(
      liveness_promise(some_id, svc, on_error = "stop"),
      function(e) class(e)[1]
    ))
  }
  shiny::testServer(server, {
    expect_identical(output$status, "SUCCEEDED")
    expect_identical(output$error, "SessionNotFoundException")
  })
  # Requires Shiny 1.8.1 or later.
  if ("ExtendedTask" %in% getNamespaceExports("shiny")) {
    task_server <- function(input, output, session) {
      task <- getExportedValue("shiny", "ExtendedTask")$new(function(id) liveness_promise(id, svc))
      output$status <- shiny::renderText(task$result()$status)
    }
    shiny::testServer(task_server, {
      task$invoke(id)
      while (identical(task$status(), "running")) {
        later::run_now(1)
      }
      session$flushReact()
      expect_identical(output$status, "SUCCEEDED")
    })
  }
})

test_that("a copy of a promise cancels nothing", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$fault("delay", seconds = 0.3)
  promise <- liveness_promise(id, svc)
  expect_false(liveness_cancel(unserialize(serialize(promise, NULL))))
  expect_identical(settled(promise)$status, "CREATED")
})

test_that("Ctrl-C while a promise is made leaves nothing behind that fails later", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  interrupt <- quote(signalCondition(structure(list(), class = c("interrupt", "condition"))))
  suppressMessages(trace("later", interrupt, where = asNamespace("later"), print = FALSE))
  caught_interrupt <- tryCatch(liveness_promise(id, svc), interrupt = identity)
  suppressMessages(untrace("later", where = asNamespace("later")))
  expect_s3_class(caught_interrupt, "interrupt")
  # There is no promise, and its batch is canceled.
  expect_identical(in_flight(), 0L)
  while (!later::loop_empty()) {
    later::run_now()
  }
  expect_identical(settled(liveness_promise(id, svc))$status, "CREATED")
})

test_that("unloading the package rejects pending promises", {
  emulator <- test_emulator()
  emulator$fault("hang")
  outcome <- run_elsewhere(
    function(config) {
      svc <- rekognition::rekognition(config)
      outcome <- NULL
      promise <- rekognition::liveness_promise("0f959dbb-37cc-45d8-a08d-dc42cce85fa8", svc)
      done <- promises::catch(promise, function(e) outcome <<- class(e)[1])
      unloadNamespace("rekognition")
      while (!later::loop_empty()) {
        later::run_now(1)
      }
      outcome
    },
    list(config = emulator$config)
  )
  expect_identical(outcome, "rekognition_cancelled_error")
})

test_that("a duplicate option is an error", {
  svc <- rekognition(region = "us-east-1")
  expect_identical(settled(liveness_promise(some_id, svc, images = "drop", images = "keep"))$argument, "...")
})
