# Short forms of `make soak`, which sets the variable to do it at length.
many <- function(few, lots) {
  if (nzchar(Sys.getenv("REKOGNITION_SOAK"))) lots else few
}

# What this process holds: resident memory in MB, threads, open files.
held <- function() {
  gc()
  status <- readLines("/proc/self/status")
  number <- function(name) as.numeric(gsub("[^0-9]", "", grep(name, status, value = TRUE)))
  c(memory = number("^VmRSS:") / 1024, threads = number("^Threads:"), files = length(dir("/proc/self/fd")))
}

test_that("calls leave no memory, threads or files behind", {
  skip_if_not(file.exists("/proc/self/status"))
  emulator <- local_emulator()
  svc <- rekognition(c(emulator$config, list(max_retries = 0, read_timeout = 0.01)))
  id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))$SessionId
  emulator$check(id)
  # The emulator keeps its last 10,000 requests.
  round <- function(n) {
    for (i in seq_len(n)) {
      switch(
        as.character(i %% 50),
        "7" = emulator$fault("throttle"),
        "17" = emulator$fault("close"),
        "27" = emulator$fault("cut_off"),
        "37" = emulator$fault("hang"),
        "47" = emulator$fault("gzip")
      )
      caught(svc$get_face_liveness_session_results(if (i %% 3 == 0) "x" else id))
    }
  }
  round(many(1000, 20000))
  before <- held()
  round(many(2000, 100000))
  after <- held()
  expect_lt(after[["memory"]] - before[["memory"]], many(25, 10))
  expect_lte(after[["threads"]], before[["threads"]])
  # A connection that has just broken may not be closed yet.
  expect_lte(after[["files"]], before[["files"]] + 4)
})

test_that("clients leave no memory, threads or files behind", {
  skip_if_not(file.exists("/proc/self/status"))
  emulator <- local_emulator()
  round <- function(n) {
    for (i in seq_len(n)) {
      svc <- rekognition(c(emulator$config, app_name = paste0("n", i)))
      new_session(svc)
    }
  }
  round(many(50, 200))
  before <- held()
  round(many(100, 1000))
  after <- held()
  expect_lt(after[["memory"]] - before[["memory"]], many(15, 25))
  expect_lte(after[["threads"]], before[["threads"]])
  # Connections of clients that are gone are closed by the worker, some moments later.
  expect_lte(after[["files"]], before[["files"]] + 20)
})

test_that("emulators leave no memory, threads or files behind", {
  skip_if_not(file.exists("/proc/self/status"))
  round <- function(n) {
    for (i in seq_len(n)) {
      emulator <- rekognition_emulator()
      new_session(rekognition(emulator$config))
      emulator$stop()
    }
  }
  round(10)
  before <- held()
  round(many(30, 500))
  after <- held()
  expect_lt(after[["memory"]] - before[["memory"]], 15)
  expect_lte(after[["threads"]], before[["threads"]])
  expect_lte(after[["files"]], before[["files"]] + 4)
})

test_that("native code holds what it makes while R collects garbage at every turn", {
  emulator <- local_emulator()
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
    pending <- tortured(call_get_session_results(handle$client, id, "debug"))
    repeat {
      results <- tortured(call_wait(pending, 1))
      if (!is.null(results)) {
        break
      }
    }
    expect_identical(results, expected)
    expect_length(tortured(call_log(pending)), 3)
    emulator$fault("error", code = "X", message = "m")
    pending <- tortured(call_get_session_results(handle$client, id, "off"))
    repeat {
      fault <- tortured(call_wait(pending, 1))
      if (!is.null(fault)) {
        break
      }
    }
    expect_identical(fault$code, "X")
    settings <- lapply(handle$settings, reveal)
    client <- tortured(client_new(settings))
    expect_identical(tortured(client_describe(client))$region, "us-east-1")
    server <- tortured(emulator_start("us-east-1", 0, 1, 1))
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
