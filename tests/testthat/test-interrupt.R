test_that("Ctrl-C ends every wait as an interrupt, and the client keeps working", {
  skip_on_os("windows")
  skip_on_cran() # signals are late on a busy machine
  emulator <- test_emulator()
  id <- new_session(rekognition(config = emulator$config))
  kinds <- c("hang", "stall", "dribble")
  for (kind in kinds) {
    emulator$fault(kind)
  }
  started <- withr::local_tempfile()
  aws_config <- local_file(c(
    "[profile slow]",
    paste0("credential_process = touch ", started, "; exec sleep 60")
  ))
  child <- callr::r_bg(
    function(config, id, kinds, aws_config) {
      call_it <- function(svc) {
        tryCatch(
          svc$get_face_liveness_session_results(id)$Status,
          interrupt = function(e) "interrupted",
          error = function(e) class(e)[1]
        )
      }
      svc <- rekognition::rekognition(config = config)
      outcomes <- vapply(kinds, function(kind) call_it(svc), "", USE.NAMES = FALSE)
      works <- call_it(svc)
      Sys.setenv(AWS_CONFIG_FILE = aws_config)
      slow <- rekognition::rekognition(
        config[c("endpoint", "region", "operation_timeout")],
        credentials = list(profile = "slow")
      )
      c(outcomes, works, call_it(slow))
    },
    # A late interrupt arrives after the call.
    list(c(emulator$config, operation_timeout = 60), id, kinds, aws_config),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
  withr::defer(child$kill())
  interrupt_when <- function(is_waiting) {
    while (!is_waiting() && child$is_alive()) {
      Sys.sleep(0.01)
    }
    child$interrupt()
  }
  for (i in seq_along(kinds)) {
    # The request has arrived, so the child process is in the call.
    interrupt_when(function() nrow(emulator$requests()) > i)
  }
  interrupt_when(function() file.exists(started))
  child$wait(300000)
  expect_identical(child$get_result(), c(rep("interrupted", 3), "CREATED", "interrupted"))
})

test_that("Ctrl-C ends a batch and leaves complete files only, and the next run fetches the rest", {
  skip_on_os("windows")
  skip_on_cran() # signals are late on a busy machine
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- vapply(1:20, function(i) new_session(svc), "")
  for (id in ids) {
    emulator$check(id)
  }
  dir <- withr::local_tempdir()
  # Some sessions get a response, the rest never.
  emulator$fault("delay", times = 10, seconds = 0)
  emulator$fault("hang", times = 10)
  child <- callr::r_bg(
    function(config, ids, dir) {
      svc <- rekognition::rekognition(config = config)
      value <- "nothing"
      outcome <- tryCatch(
        {
          value <- rekognition::liveness_results(ids, svc, max_active = 20, dir = dir)
          "ended"
        },
        interrupt = function(e) "interrupted"
      )
      c(outcome, value, svc$get_face_liveness_session_results(ids[1])$Status)
    },
    list(emulator$config, ids, dir),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
  withr::defer(child$kill())
  saved <- function() length(list.files(dir, "^results.json$", recursive = TRUE))
  while ((nrow(emulator$requests()) < 40 || saved() < 10) && child$is_alive()) {
    Sys.sleep(0.01)
  }
  child$interrupt()
  child$wait(300000)
  expect_identical(child$get_result(), c("interrupted", "nothing", "SUCCEEDED"))
  files <- list.files(dir, recursive = TRUE, all.files = TRUE)
  expect_setequal(basename(files), c("results.json", "reference.jpg"))
  before <- nrow(emulator$requests())
  results <- liveness_results(ids, svc, dir = dir)
  expect_identical(results$status, rep("SUCCEEDED", 20))
  expect_identical(nrow(emulator$requests()) - before, 20L - 10L)
})

test_that("repeated interrupts while the first promise is made break nothing", {
  skip_on_os("windows")
  skip_on_cran() # signals are late on a busy machine
  emulator <- test_emulator()
  id <- new_session(rekognition(config = emulator$config))
  emulator$check(id)
  for (i in 1:5) {
    tried <- withr::local_tempfile()
    over <- withr::local_tempfile()
    child <- callr::r_bg(
      function(config, id, tried, over) {
        # Outside these calls, an interrupt would end the test.
        caught <- function(expr) tryCatch(allowInterrupts(expr), interrupt = function(e) NULL)
        suspendInterrupts({
          svc <- rekognition::rekognition(config = config)
          # The first of these loads later and promises.
          made <- NULL
          while (is.null(made)) {
            file.create(tried)
            made <- caught(rekognition::liveness_promise(id, svc))
          }
          file.create(paste0(tried, "-made"))
          while (!file.exists(over)) {
            caught(Sys.sleep(0.01))
          }
          # The last interrupt may still be pending.
          caught(Sys.sleep(0.2))
        })
        status <- NULL
        promises::then(rekognition::liveness_promise(id, svc), function(results) {
          status <<- results$status
        })
        deadline <- Sys.time() + 60
        while (is.null(status) && Sys.time() < deadline) {
          later::run_now(0.1)
        }
        status
      },
      list(emulator$config, id, tried, over),
      env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
    )
    withr::defer(child$kill())
    while (!file.exists(tried) && child$is_alive()) {
      Sys.sleep(0.005)
    }
    # Shorter waits in each round, to hit other places.
    while (!file.exists(paste0(tried, "-made")) && child$is_alive()) {
      child$interrupt()
      Sys.sleep(0.02 / i)
    }
    file.create(over)
    child$wait(90000)
    expect_identical(child$get_result(), "SUCCEEDED")
  }
})

test_that("an interrupted start of an emulator leaves no server behind", {
  skip_on_os("windows")
  skip_on_cran() # signals are late on a busy machine
  tried <- withr::local_tempfile()
  over <- withr::local_tempfile()
  child <- callr::r_bg(
    function(tried, over) {
      running <- function() length(get("the", asNamespace("rekognition"))$emulators)
      file.create(tried)
      interrupted <- 0
      left <- 0
      # Outside allowInterrupts(), an interrupt would end the test.
      suspendInterrupts(
        while (!file.exists(over)) {
          emulator <- NULL
          tryCatch(
            allowInterrupts(emulator <- rekognition::rekognition_emulator()),
            interrupt = function(e) interrupted <<- interrupted + 1
          )
          left <- left + running() - !is.null(emulator)
          if (!is.null(emulator)) emulator$stop()
        }
      )
      c(interrupted > 0, left, running())
    },
    list(tried, over),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
  withr::defer(child$kill())
  while (!file.exists(tried) && child$is_alive()) {
    Sys.sleep(0.005)
  }
  for (i in 1:300) {
    child$interrupt()
    Sys.sleep(0.003)
  }
  file.create(over)
  child$wait(60000)
  expect_identical(child$get_result(), c(1, 0, 0))
})
