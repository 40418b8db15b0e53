# Short forms of `make soak`, which sets the variable to do it at length.
many <- function(few, lots) {
  if (nzchar(Sys.getenv("REKOGNITION_SOAK"))) lots else few
}

# How much more memory (MB), threads and open files a fresh R holds after `n` rounds than after `warm_up` rounds.
growth <- function(warm_up, n, prepare, round) {
  skip_if_not(file.exists("/proc/self/status"))
  run_elsewhere(
    function(warm_up, n, prepare, round) {
      held <- function() {
        gc()
        status <- readLines("/proc/self/status")
        number <- function(name) as.numeric(gsub("[^0-9]", "", grep(name, status, value = TRUE)))
        c(
          memory = number("^VmRSS:") / 1024,
          threads = number("^Threads:"),
          files = length(dir("/proc/self/fd"))
        )
      }
      state <- prepare()
      for (i in seq_len(warm_up)) {
        round(i, state)
      }
      before <- held()
      for (i in seq_len(n)) {
        round(i, state)
      }
      grown <- held() - before
      # Connections that are given up are closed in the background, and threads that look up hosts or write files end
      # after ten idle seconds; on a busy machine later. What is left behind stays forever.
      deadline <- Sys.time() + 120
      while ((grown[["files"]] > 4 || grown[["threads"]] > 0) && Sys.time() < deadline) {
        Sys.sleep(0.1)
        grown <- held() - before
      }
      grown
    },
    list(warm_up, n, prepare, round)
  )
}

test_that("calls leave no memory, threads or files behind", {
  grown <- growth(
    # The emulator keeps its last 10,000 requests.
    many(2000, 20000),
    many(3000, 100000),
    function() {
      emulator <- rekognition::rekognition_emulator(check_after = Inf)
      quick <- list(max_retries = 0, read_timeout = 0.01)
      svc <- rekognition::rekognition(c(emulator$config, quick))
      id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))$SessionId
      emulator$check(id)
      list(emulator = emulator, svc = svc, id = id)
    },
    function(i, state) {
      kind <- switch(as.character(i %% 50), "7" = "throttle", "17" = "close", "27" = "cut_off", "37" = "hang")
      if (!is.null(kind)) {
        state$emulator$fault(kind)
      }
      id <- if (i %% 3 == 0) "x" else state$id
      tryCatch(state$svc$get_face_liveness_session_results(id), error = identity)
    }
  )
  # The allocator takes steps of up to 30 MB at times. 1 kB left behind by each call would be 100 MB.
  expect_lt(grown[["memory"]], many(20, 60))
  expect_lte(grown[["threads"]], 0)
  expect_lte(grown[["files"]], 4)
})

test_that("clients leave no memory, threads or files behind", {
  grown <- growth(
    many(50, 200),
    many(150, 1000),
    function() rekognition::rekognition_emulator(),
    function(i, state) {
      rekognition::rekognition(c(state$config, app_name = paste0("n", i)))$create_face_liveness_session()
    }
  )
  expect_lt(grown[["memory"]], many(15, 25))
  expect_lte(grown[["threads"]], 0)
  expect_lte(grown[["files"]], 4)
})

test_that("promises leave no memory, threads or files behind, fulfilled or canceled", {
  grown <- growth(
    many(200, 2000),
    many(800, 10000),
    function() {
      emulator <- rekognition::rekognition_emulator(check_after = Inf)
      svc <- rekognition::rekognition(emulator$config)
      id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))$SessionId
      emulator$check(id)
      list(emulator = emulator, svc = svc, id = id)
    },
    function(i, state) {
      promise <- rekognition::liveness_promise(state$id, state$svc)
      settled <- promises::finally(promises::catch(promise, function(e) NULL), function() NULL)
      if (i %% 4 == 0) {
        rekognition::liveness_cancel(promise)
      }
      while (!later::loop_empty()) {
        later::run_now(1)
      }
    }
  )
  # The allocator takes steps of up to 30 MB at times. What each of these holds, 75 kB, would be 60 MB more.
  expect_lt(grown[["memory"]], many(45, 60))
  expect_lte(grown[["threads"]], 0)
  expect_lte(grown[["files"]], 4)
})

test_that("emulators leave no memory, threads or files behind", {
  grown <- growth(
    10,
    many(50, 500),
    function() NULL,
    function(i, state) {
      emulator <- rekognition::rekognition_emulator()
      rekognition::rekognition(emulator$config)$create_face_liveness_session()
      emulator$stop()
    }
  )
  expect_lt(grown[["memory"]], 15)
  expect_lte(grown[["threads"]], 0)
  expect_lte(grown[["files"]], 4)
})

test_that("native code holds what it makes while R collects garbage at every turn", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 2))$SessionId
  emulator$check(id, confidence = 99.5)
  expected <- svc$get_face_liveness_session_results(id)
  withr::defer(gctorture2(0))
  handle <- environment(svc$get_face_liveness_session_results)$handle
  # Only the native calls are tortured: each allocation in them collects garbage.
  tortured <- function(expr) {
    gctorture2(1)
    on.exit(gctorture2(0))
    expr
  }
  for (i in 1:many(3, 30)) {
    pending <- tortured(call_start(
      handle$client,
      "get_face_liveness_session_results",
      list(SessionId = id),
      "debug",
      0
    ))
    repeat {
      results <- tortured(call_wait(pending, 1))
      if (!is.null(results)) {
        break
      }
    }
    expect_identical(results, expected)
    expect_length(tortured(call_log(pending)), 3)
    emulator$fault("error", code = "X", message = "m")
    fault <- tortured(call_start(
      handle$client,
      "get_face_liveness_session_results",
      list(SessionId = id),
      "off",
      0
    ))
    while (is.null(fault) || typeof(fault) == "externalptr") {
      pending <- if (is.null(fault)) pending else fault
      fault <- tortured(call_wait(pending, 1))
    }
    expect_identical(fault$code, "X")
    settings <- lapply(handle$settings, reveal)
    client <- tortured(client_new(settings))
    expect_identical(tortured(client_describe(client))$region, "us-east-1")
    server <- tortured(emulator_start("us-east-1", 0, 1, 1, FALSE, NULL))
    description <- tortured(emulator_describe(server))
    expect_match(description$url, "^http")
    expect_identical(tortured(emulator_check(server, id, list(status = "FAILED"))), FALSE)
    tortured(emulator_put_result(
      server,
      id,
      list(Status = "A", AuditImages = list(list(Bytes = as.raw(1:9)))),
      200,
      c(a = "b")
    ))
    requests <- tortured(emulator_requests(environment(emulator$stop)$server))
    expect_identical(requests$operation[1], "CreateFaceLivenessSession")
    tortured(emulator_stop(server))
  }
})
