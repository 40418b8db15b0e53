# Runs code in a separate Rscript with the package and these objects; returns its exit status and output.
run_script <- function(code, ..., env = character()) {
  data <- withr::local_tempfile(fileext = ".rds")
  saveRDS(list(...), data)
  script <- local_file(c(
    sprintf("invisible(list2env(readRDS(%s), environment()))", deparse(data)),
    "library(rekognition)",
    code
  ))
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), LD_LIBRARY_PATH = NA)
  output <- suppressWarnings(system2(
    file.path(R.home("bin"), "Rscript"),
    c("--vanilla", script),
    stdout = TRUE,
    stderr = TRUE,
    env = env,
    timeout = 600
  ))
  status <- attr(output, "status")
  list(status = if (is.null(status)) 0L else status, output = as.character(output))
}

# Starts a call without waiting for it.
start_hanging <- function(emulator, svc, id) {
  emulator$fault("hang")
  handle <- environment(svc$get_face_liveness_session_results)$handle
  before <- nrow(emulator$requests())
  pending <- call_start(handle$client, "get_face_liveness_session_results", list(SessionId = id), "off", 0)
  while (nrow(emulator$requests()) == before) {
    Sys.sleep(0.001)
  }
  pending
}

test_that("processes forked during a call do not disturb it and are not disturbed", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$fault("delay", seconds = 0.5)
  handle <- environment(svc$get_face_liveness_session_results)$handle
  pending <- call_start(handle$client, "get_face_liveness_session_results", list(SessionId = id), "off", 0)
  while (nrow(emulator$requests()) < 2) {
    Sys.sleep(0.001)
  }
  children <- parallel::mclapply(1:4, mc.cores = 2, function(i) {
    # In the child, the parent's call neither blocks nor is canceled.
    foreign <- class(caught(value_or_stop(call_wait(pending, 0.1), quote(f()))))[1]
    call_cancel(pending)
    list(foreign, svc$get_face_liveness_session_results(id)$Status)
  })
  expect_identical(children, rep(list(list("rekognition_error", "CREATED")), 4))
  expect_identical(wait_for_call(pending, handle, quote(f()))$Status, "CREATED")
})

test_that("clients work in the workers of a cluster", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- vapply(1:4, function(i) new_session(svc), "")
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  cluster <- parallel::makePSOCKcluster(2)
  withr::defer(parallel::stopCluster(cluster))
  statuses <- parallel::parLapply(cluster, ids, svc$get_face_liveness_session_results)
  expect_identical(vapply(statuses, `[[`, "", "SessionId"), ids)
})

test_that("garbage collection during calls is safe", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  handle <- environment(svc$get_face_liveness_session_results)$handle
  for (i in 1:50) {
    call_start(handle$client, "get_face_liveness_session_results", list(SessionId = id), "off", 0)
    rekognition(config = emulator$config)
    if (i %% 10 == 0) {
      gc()
    }
  }
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
})

test_that("the namespace can be unloaded and loaded again while clients, calls and emulators exist", {
  emulator <- test_emulator()
  result <- run_script(
    c(
      "svc <- rekognition(config)",
      "own <- rekognition_emulator()",
      "own_svc <- rekognition(own$config)",
      "id <- svc$create_face_liveness_session()$SessionId",
      "invisible(own_svc$create_face_liveness_session())",
      "own$fault('hang')",
      "client <- environment(own_svc$get_face_liveness_session_results)$handle$client",
      "operation <- 'get_face_liveness_session_results'",
      "pending <- rekognition:::call_start(client, operation, list(SessionId = id), 'off', 0)",
      "threads <- function() sort(sub('^.*/', '', Sys.glob('/proc/self/task/*')))",
      "unloadNamespace('rekognition')",
      "invisible(gc())",
      "named <- vapply(threads(), function(t) readLines(file.path('/proc/self/task', t, 'comm')), '')",
      "cat('threads:', sum(grepl('^rekog', named)), '\\n')",
      # A client that still exists keeps working, and finalizers run.
      "cat(svc$get_face_liveness_session_results(id)$Status, '\\n')",
      "rm(pending, own_svc, own); invisible(gc())",
      "for (i in 1:3) {",
      "  library(rekognition)",
      "  again <- rekognition_emulator()",
      "  cat(nchar(rekognition(again$config)$create_face_liveness_session()$SessionId), '\\n')",
      "  cat(rekognition(config)$get_face_liveness_session_results(id)$Status, '\\n')",
      "  unloadNamespace('rekognition')",
      "}",
      "invisible(gc())"
    ),
    config = emulator$config
  )
  expect_identical(result$status, 0L)
  threads <- if (file.exists("/proc/self/task")) "threads: 0 " else result$output[1]
  expect_identical(result$output, c(threads, "CREATED ", rep(c("36 ", "CREATED "), 3)))
})

test_that("R ends at once during a call", {
  emulator <- test_emulator()
  emulator$fault("hang", times = 10)
  code <- c(
    # This is not waited for: run_script() times out much earlier, with another status.
    "svc <- rekognition(c(config, list(read_timeout = 1000, operation_timeout = 1000)))",
    "own <- rekognition_emulator()",
    "client <- environment(svc$get_face_liveness_session_results)$handle$client",
    "operation <- 'get_face_liveness_session_results'",
    "pending <- rekognition:::call_start(client, operation, list(SessionId = 'x'), 'off', 0)",
    "Sys.sleep(0.1)"
  )
  for (last in c("quit('no', 3)", "cat('')", "stop('x')")) {
    result <- run_script(c(code, last), config = emulator$config)
    expect_identical(result$status, switch(substr(last, 1, 4), quit = 3L, stop = 1L, 0L))
  }
})

test_that("a credential_process does not disturb system(), parallel or callr", {
  skip_on_os("windows")
  emulator <- test_emulator()
  command <- paste("sleep 0.1;", keys_command(emulator))
  withr::local_envvar(AWS_CONFIG_FILE = local_file(c("[default]", paste("credential_process =", command))))
  background <- callr::r_bg(function() {
    Sys.sleep(0.3)
    "done"
  })
  child <- parallel::mcparallel({
    Sys.sleep(0.3)
    "child"
  })
  for (i in 1:3) {
    svc <- rekognition(endpoint = emulator$url, region = "us-east-1")
    expect_match(new_session(svc), "^[0-9a-f-]{36}$")
    expect_identical(system2("sh", c("-c", shQuote("exit 7"))), 7L)
    expect_identical(system("echo hello", intern = TRUE), "hello")
  }
  expect_identical(parallel::mccollect(child)[[1]], "child")
  background$wait(300000)
  expect_identical(background$get_result(), "done")
  expect_identical(background$get_exit_status(), 0L)
})

test_that("tests can fork and start other programs, and R ends silently", {
  skip_on_os("windows")
  withr::local_envvar(PROCESSX_NOTIFY_OLD_SIGCHLD = NA)
  result <- run_script(
    c(
      "source(setup)",
      "child <- function() parallel::mccollect(parallel::mcparallel('child'))[[1]]",
      "invisible(child())",
      "other <- callr::r_bg(function() NULL)",
      "cat(child())",
      "other$wait()"
    ),
    setup = normalizePath(test_path("setup.R"))
  )
  expect_identical(result, list(status = 0L, output = "child"))
})

test_that("no signal handler is installed", {
  skip_if_not(file.exists("/proc/self/status"))
  emulator <- test_emulator()
  aws_config <- local_file(c("[default]", paste("credential_process =", keys_command(emulator))))
  result <- run_script(
    c(
      # The first 32 signals: glibc installs handlers for its own when the first thread starts.
      "status <- function() grep('^Sig(Cgt|Ign|Blk)', readLines('/proc/self/status'), value = TRUE)",
      "handled <- function() sub('[0-9a-f]{8}(?=[0-9a-f]{8}$)', '', status(), perl = TRUE)",
      "before <- handled()",
      "own <- rekognition_emulator()",
      "svc <- rekognition(endpoint = url, region = 'us-east-1')",
      "cat(nchar(svc$create_face_liveness_session()$SessionId), identical(handled(), before))"
    ),
    url = emulator$url,
    env = paste0("AWS_CONFIG_FILE=", aws_config)
  )
  expect_identical(result, list(status = 0L, output = "36 TRUE"))
})

test_that("signals reach R's own thread only", {
  skip_if_not(file.exists("/proc/self/task"))
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$check(id)
  # Threads that write files, resolve host names and load credentials exist for some more seconds.
  liveness_results(id, svc, dir = withr::local_tempdir())
  # A thread may end after it was listed.
  lines <- lapply(Sys.glob("/proc/self/task/*/status"), function(file) {
    suppressWarnings(tryCatch(readLines(file), error = function(e) NULL))
  })
  ours <- Filter(function(status) any(grepl("^Name:\\trekog", status)), lines)
  expect_gt(length(ours), 2)
  for (status in ours) {
    blocked <- sub("^SigBlk:\\t", "", grep("^SigBlk", status, value = TRUE))
    # The lowest eight are SIGHUP to SIGFPE, SIGINT among them; SIGPIPE is the 13th.
    expect_match(blocked, "[13579bdf]...$", label = status[1])
    expect_identical(substr(blocked, nchar(blocked) - 1, nchar(blocked)), "ff", label = status[1])
  }
})

test_that("broken connections raise no signal in R", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  for (kind in rep(c("close", "reset", "cut_off"), 5)) {
    emulator$fault(kind)
    error <- caught(new_session(svc))
    expect_s3_class(error, "rekognition_error")
    expect_no_match(conditionMessage(error), "SIGPIPE")
    expect_match(new_session(svc), "^[0-9a-f-]{36}$")
  }
})

test_that("a call that is left before its response is canceled", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  pending <- start_hanging(emulator, svc, id)
  # As an interrupt does through on.exit().
  expect_error(
    withr::with_options(list(), {
      setTimeLimit(elapsed = 0.3, transient = TRUE)
      on.exit(setTimeLimit())
      wait_for_call(pending, handle_of(svc), quote(f()))
    }),
    "time limit"
  )
  over <- caught(value_or_stop(call_wait(pending, 1), quote(f())))
  expect_match(conditionMessage(over), "canceled")
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
})

test_that("a host name lookup that never ends is stopped by connect_timeout or Ctrl-C", {
  skip_on_os(c("windows", "mac", "solaris"))
  skip_on_cran()
  folder <- withr::local_tempdir()
  writeLines(
    c(
      "#include <unistd.h>",
      "int getaddrinfo(const char *node, const char *service, const void *hints, void **res) {",
      "  for (;;) sleep(1000);",
      "}"
    ),
    file.path(folder, "slow.c")
  )
  withr::with_dir(folder, system2("cc", c("-shared", "-fPIC", "-w", "-o", "slow.so", "slow.c")))
  result <- run_script(
    c(
      "svc <- rekognition(",
      "  list(connect_timeout = 0.3, max_retries = 0),",
      "  list(creds = list(access_key_id = 'A', secret_access_key = 's')),",
      "  'http://slow.invalid', 'us-east-1'",
      ")",
      "for (i in 1:12) {",
      "  error <- tryCatch(svc$get_face_liveness_session_results('x'), error = identity)",
      "  stopifnot(inherits(error, 'rekognition_timeout_error'), error$timeout == 0.3)",
      "}",
      "cat('ended')"
    ),
    env = paste0("LD_PRELOAD=", file.path(folder, "slow.so"))
  )
  expect_identical(result, list(status = 0L, output = "ended"))
})
