# Starts an emulator in another R, as a shell would. `lines()` returns what it has printed.
waiting_emulator <- function(arguments = "wait = TRUE", frame = parent.frame()) {
  out <- withr::local_tempfile(.local_envir = frame)
  code <- sprintf("rekognition::rekognition_emulator(%s); cat('after')", arguments)
  child <- callr::rscript_process$new(callr::rscript_process_options(
    script = local_file(code, frame),
    stdout = out,
    stderr = out,
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  ))
  withr::defer(child$kill(), frame)
  lines <- function() readLines(out, warn = FALSE)
  # An empty line ends the variables.
  while (child$is_alive() && sum(lines() == "") < 2) {
    Sys.sleep(0.01)
  }
  list(child = child, lines = lines)
}

# The variables that it prints, by name.
printed_variables <- function(emulator) {
  set <- regmatches(emulator$lines(), regexec("^export ([A-Z0-9_]+)=(.*)$", emulator$lines()))
  set <- Filter(length, set)
  structure(vapply(set, `[`, "", 3), names = vapply(set, `[`, "", 2))
}

test_that("an emulator started from a shell prints how to use it, serves, and ends at Ctrl-C or SIGTERM", {
  skip_on_os("windows")
  skip_on_cran() # signals are late on a busy machine
  for (signal in c(tools::SIGINT, tools::SIGTERM)) {
    emulator <- waiting_emulator()
    variables <- printed_variables(emulator)
    expect_named(
      variables,
      c(
        "AWS_ENDPOINT_URL_REKOGNITION",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_S3",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY"
      )
    )
    withr::with_envvar(variables, {
      rekognition_reset()
      expect_identical(rekognition_list_collections()$CollectionIds, list())
    })
    emulator$child$signal(signal)
    emulator$child$wait(300000)
    expect_identical(emulator$child$get_exit_status(), 0L)
    expect_identical(utils::tail(emulator$lines(), 1), "after")
  }
  rekognition_reset()
})

test_that("a secret key that was given is not printed", {
  skip_on_os("windows")
  skip_on_cran()
  emulator <- waiting_emulator(
    "wait = TRUE, credentials = list(access_key_id = 'dev', secret_access_key = 'hunter2')"
  )
  variables <- printed_variables(emulator)
  expect_identical(variables[["AWS_ACCESS_KEY_ID"]], "dev")
  withr::with_envvar(c(variables, AWS_SECRET_ACCESS_KEY = "hunter2"), {
    rekognition_reset()
    expect_identical(rekognition_list_collections()$CollectionIds, list())
  })
  rekognition_reset()
  expect_false(any(grepl("hunter2", emulator$lines())))
})

test_that("an emulator started from a shell says when sessions succeed without a check", {
  skip_on_os("windows")
  skip_on_cran()
  says <- function(arguments) {
    any(grepl("succeeds by itself after 5 seconds", waiting_emulator(arguments)$lines()))
  }
  expect_true(says("wait = TRUE, check_takes = 4"))
  expect_false(says("wait = TRUE, check_after = Inf"))
})

test_that("local_emulator() does not wait", {
  test <- function() local_emulator(wait = TRUE)
  expect_error(test(), "`wait`", class = "rekognition_argument_error")
})
