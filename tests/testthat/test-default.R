# The default client, which follows the environment.

# One function of each kind that can be called without a client.
kinds <- list(
  operation = function() rekognition_get_face_liveness_session_results(some_id),
  results = function() liveness_results(some_id),
  wait = function() liveness_wait(some_id, timeout = 10),
  promise = function() settled(liveness_promise(some_id)),
  report = function() rekognition_sitrep()
)

# The number of clients that an expression creates.
clients_made <- function(expr) {
  counter <- new.env()
  counter$made <- 0L
  count <- bquote(assign("made", get("made", .(counter)) + 1L, .(counter)))
  suppressMessages(trace("client_new", count, where = asNamespace("rekognition"), print = FALSE))
  on.exit(suppressMessages(untrace("client_new", where = asNamespace("rekognition"))))
  force(expr)
  counter$made
}

default_region <- function() {
  sub(".*region: +([^ ]+).*", "\\1", paste(format(rekognition_default()), collapse = "\n"))
}

test_that("all functions without a client use the same default client", {
  emulator <- local_emulator()
  id <- rekognition_create_face_liveness_session()$SessionId
  emulator$check(id)
  handle <- handle_of(rekognition_default())
  expect_identical(rekognition_get_face_liveness_session_results(id)$Status, "SUCCEEDED")
  expect_identical(liveness_results(id)$status, "SUCCEEDED")
  expect_identical(liveness_wait(id)$status, "SUCCEEDED")
  expect_match(rekognition_sitrep()$service, "caller authorized")
  if (requireNamespace("promises", quietly = TRUE)) {
    promise <- liveness_promise(id)
    expect_identical(attr(promise, "job")$work$handle, handle)
    liveness_cancel(promise)
    promises::catch(promise, function(e) NULL)
  }
  expect_identical(handle_of(rekognition_default()), handle)
  rekognition_reset()
  expect_false(identical(handle_of(rekognition_default()), handle))
})

test_that("the default client follows the environment", {
  withr::local_envvar(
    AWS_REGION = "us-west-2",
    AWS_ACCESS_KEY_ID = "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY = "s",
    AWS_CONFIG_FILE = NA
  )
  kept <- rekognition_default()
  expect_identical(default_region(), "us-west-2")
  Sys.setenv(AWS_REGION = "eu-west-1")
  expect_identical(default_region(), "eu-west-1")
  # A client in a variable does not change.
  expect_match(format(kept), "us-west-2", all = FALSE)
  handle <- handle_of(rekognition_default())
  withr::local_envvar(SOMETHING_ELSE = "x")
  expect_identical(handle_of(rekognition_default()), handle)

  # Another home folder has other shared files.
  Sys.unsetenv("AWS_REGION")
  home <- withr::local_tempdir()
  dir.create(file.path(home, ".aws"))
  writeLines(c("[default]", "region = ap-south-1"), file.path(home, ".aws", "config"))
  variable <- if (.Platform$OS.type == "windows") "USERPROFILE" else "HOME"
  withr::local_envvar(stats::setNames(home, variable))
  expect_identical(default_region(), "ap-south-1")
})

test_that("every function follows changes of keys and endpoints", {
  first <- test_emulator()
  second <- test_emulator()
  use <- function(emulator) {
    keys <- emulator$config$credentials$creds
    Sys.setenv(
      AWS_ENDPOINT_URL = emulator$url,
      AWS_REGION = "us-east-1",
      AWS_ACCESS_KEY_ID = keys$access_key_id,
      AWS_SECRET_ACCESS_KEY = keys$secret_access_key
    )
  }
  withr::local_envvar(
    AWS_ENDPOINT_URL = NA,
    AWS_REGION = NA,
    AWS_ACCESS_KEY_ID = NA,
    AWS_SECRET_ACCESS_KEY = NA
  )
  for (emulator in list(first, second, first)) {
    use(emulator)
    id <- rekognition_create_face_liveness_session()$SessionId
    expect_identical(rekognition_get_face_liveness_session_results(id)$Status, "CREATED")
    expect_identical(liveness_results(id)$status, "CREATED")
  }
  expect_identical(nrow(first$requests()), 6L)
  expect_identical(nrow(second$requests()), 3L)
})

test_that("no function creates a client of its own", {
  emulator <- local_emulator()
  expect_identical(clients_made(rekognition_create_face_liveness_session()), 1L)
  for (kind in setdiff(names(kinds), "report")) {
    expect_identical(clients_made(caught(kinds[[kind]]())), 0L, label = kind)
  }
  # The situation report uses a client without retries.
  expect_identical(clients_made(kinds$report()), 1L)
  expect_identical(clients_made(rekognition_default()), 0L)
  rekognition_reset()
  expect_identical(clients_made(rekognition_default()), 1L)
})

test_that("every function follows a change of the environment, and back", {
  here <- local_emulator()
  there <- test_emulator(region = "eu-west-1")
  arrived <- function() c(nrow(here$requests()), nrow(there$requests()))
  keys <- there$config$credentials$creds
  for (kind in names(kinds)) {
    before <- arrived()
    caught(kinds[[kind]]())
    expect_identical(arrived() - before, c(1L, 0L), label = kind)
    variables <- c(
      AWS_ENDPOINT_URL_REKOGNITION = there$url,
      AWS_REGION = "eu-west-1",
      AWS_ACCESS_KEY_ID = keys$access_key_id,
      AWS_SECRET_ACCESS_KEY = keys$secret_access_key
    )
    withr::with_envvar(variables, caught(kinds[[kind]]()))
    expect_identical(arrived() - before, c(1L, 1L), label = kind)
    caught(kinds[[kind]]())
    expect_identical(arrived() - before, c(2L, 1L), label = kind)
  }
  expect_setequal(here$requests()$code, "SessionNotFoundException")
  expect_setequal(there$requests()$code, "SessionNotFoundException")
})

test_that("the default client follows each variable that it is made from", {
  withr::local_envvar(AWS_REGION = "us-east-1")
  for (name in c(
    "AWS_ENDPOINT_URL",
    "AWS_SOMETHING_NEW",
    "SECRET_ACCESS_KEY",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "HOME",
    "USERPROFILE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUEST_METHOD"
  )) {
    handle <- handle_of(rekognition_default())
    withr::with_envvar(stats::setNames("http://127.0.0.1:9", name), {
      changed <- handle_of(rekognition_default())
      expect_false(identical(changed, handle), label = name)
      expect_identical(handle_of(rekognition_default()), changed, label = name)
    })
  }
})

test_that("a client signs with the keys of the environment in which it was created, even if it is first used later", {
  here <- local_emulator()
  kept <- rekognition_default()
  given <- rekognition()
  promise <- liveness_promise(some_id)
  elsewhere <- function() {
    there <- local_emulator()
    expect_match(new_session(kept), "^[0-9a-f-]{36}$")
    expect_match(new_session(given), "^[0-9a-f-]{36}$")
    expect_identical(settled(promise)$error_code, "SessionNotFoundException")
    nrow(there$requests())
  }
  expect_identical(elsewhere(), 0L)
  expect_identical(unique(here$requests()$access_key_id), here$config$credentials$creds$access_key_id)
})

test_that("a default client without a region or credentials is created again, even if only a file has changed", {
  emulator <- test_emulator()
  keys <- emulator$config$credentials$creds
  config <- local_file("")
  credentials <- local_file("")
  withr::local_envvar(
    AWS_ENDPOINT_URL = emulator$url,
    AWS_CONFIG_FILE = config,
    AWS_SHARED_CREDENTIALS_FILE = credentials
  )
  complaint <- function(kind) {
    outcome <- caught(kinds[[kind]]())
    if (kind == "report") outcome$advice else conditionMessage(outcome)
  }
  for (kind in names(kinds)) {
    writeLines("", config)
    writeLines("", credentials)
    rekognition_reset()
    expect_match(complaint(kind), "No region is set", label = kind)
    writeLines(c("[default]", "region = us-east-1"), config)
    expect_match(complaint(kind), "Cannot load AWS credentials", label = kind)
    expect_match(rekognition_sitrep()$region, "us-east-1", label = kind)
    lines <- paste(c("aws_access_key_id =", "aws_secret_access_key ="), c(keys[[1]], keys[[2]]))
    writeLines(c("[default]", lines), credentials)
    caught(kinds[[kind]]())
  }
  expect_identical(emulator$requests()$code, rep("SessionNotFoundException", length(kinds)))
})

test_that("errors of another client do not affect the default client", {
  emulator <- local_emulator()
  handle <- handle_of(rekognition_default())
  withr::with_envvar(c(AWS_REGION = NA), {
    lacking <- rekognition(endpoint = emulator$url)
    expect_error(lacking$create_face_liveness_session(), class = "rekognition_config_error")
    expect_error(liveness_results(some_id, lacking), class = "rekognition_config_error")
  })
  expect_identical(handle_of(rekognition_default()), handle)
})

test_that("the default client works in forked processes and after it was saved", {
  emulator <- local_emulator(check_after = Inf)
  id <- rekognition_create_face_liveness_session()$SessionId
  file <- withr::local_tempfile()
  saveRDS(rekognition_default(), file)
  expect_identical(readRDS(file)$get_face_liveness_session_results(id)$Status, "CREATED")
  skip_on_os("windows")
  found <- parallel::mclapply(1:2, mc.cores = 2, function(i) {
    c(rekognition_get_face_liveness_session_results(id)$Status, liveness_results(id)$status)
  })
  expect_identical(found, rep(list(c("CREATED", "CREATED")), 2))
  expect_identical(liveness_results(id)$status, "CREATED")
})

test_that("reading the environment is fast, and its fingerprint differs between processes", {
  one <- environment_fingerprint()
  expect_identical(environment_fingerprint(), one)
  elsewhere <- run_elsewhere(function() rekognition:::environment_fingerprint(), list())
  expect_false(identical(elsewhere, one))
  # This takes tens of microseconds; the limit allows for a busy machine.
  expect_lt(
    system.time(
      for (i in 1:1000) {
        environment_fingerprint()
      }
    )[["elapsed"]],
    1
  )
})

test_that("local_emulator() lasts as long as its function, and restores the environment", {
  withr::local_envvar(
    AWS_REGION = "eu-west-1",
    AWS_PROFILE = "mine",
    AWS_ACCESS_KEY_ID = NA,
    AWS_USE_FIPS_ENDPOINT = "true"
  )
  before <- Sys.getenv()
  nested <- function() {
    outer <- local_emulator(region = "us-west-2")
    inner <- function() {
      emulator <- local_emulator(check_after = Inf)
      liveness_results(rekognition_create_face_liveness_session()$SessionId)
      expect_identical(nrow(emulator$requests()), 2L)
      expect_identical(nrow(outer$requests()), 0L)
    }
    inner()
    inner()
    rekognition_create_face_liveness_session()
    expect_identical(nrow(outer$requests()), 1L)
    expect_identical(default_region(), "us-west-2")
    outer
  }
  ended <- nested()
  expect_error(ended$requests(), class = "rekognition_error")
  expect_identical(Sys.getenv(), before)
  expect_error(local_emulator(envir = globalenv()), class = "rekognition_argument_error")
  # Another process of the same test.
  emulator <- local_emulator()
  run_elsewhere(function() rekognition::rekognition_create_face_liveness_session(), list())
  expect_identical(emulator$requests()$operation, "CreateFaceLivenessSession")
})

test_that("the default client keeps no secrets of the environment in R", {
  withr::local_envvar(AWS_SECRET_ACCESS_KEY = "hunter2hunter2", AWS_ACCESS_KEY_ID = "AKIAEXAMPLE")
  svc <- rekognition_default()
  bytes <- serialize(list(as.list(the), svc), NULL)
  expect_length(grepRaw("hunter2hunter2", bytes, fixed = TRUE), 0)
})

test_that("changes made after local_emulator() are undone in the right order", {
  withr::local_envvar(AWS_REGION = "ap-south-1", AWS_SESSION_TOKEN = "x", AWS_PROFILE = "mine")
  before <- Sys.getenv()
  change <- function() {
    local_emulator()
    withr::local_envvar(AWS_REGION = "eu-west-1", AWS_SESSION_TOKEN = "y", AWS_PROFILE = "other")
    local_emulator(region = "us-west-2")
    expect_identical(default_region(), "us-west-2")
  }
  change()
  expect_identical(Sys.getenv(), before)
})

test_that("local_emulator() takes precedence over the files of the machine", {
  config <- local_file(c(
    "[default]",
    "region = eu-west-1",
    "ignore_configured_endpoint_urls = true",
    "use_fips_endpoint = true",
    "use_dualstack_endpoint = true"
  ))
  withr::local_envvar(AWS_CONFIG_FILE = config)
  emulator <- local_emulator()
  rekognition_create_face_liveness_session()
  expect_identical(nrow(emulator$requests()), 1L)
})

test_that("a local_emulator() that cannot start or end changes nothing", {
  before <- Sys.getenv()
  count <- length(the$emulators)
  expect_error(local_emulator(port = -1), class = "rekognition_argument_error")
  for (envir in list(globalenv(), new.env(), NULL)) {
    error <- expect_error(local_emulator(envir = envir), class = "rekognition_argument_error")
    expect_identical(error$argument, "envir")
  }
  expect_identical(Sys.getenv(), before)
  expect_length(the$emulators, count)
})

test_that("local_emulator() can last for all tests of a package, and ignores the user's configuration", {
  folder <- withr::local_tempdir()
  writeLines(
    "emulator <- rekognition::local_emulator(envir = testthat::teardown_env())",
    file.path(folder, "setup.R")
  )
  writeLines(
    c(
      "test_that('the emulator is used', {",
      "  id <- rekognition::rekognition_create_face_liveness_session()$SessionId",
      "  expect_identical(nrow(emulator$requests()), 1L)",
      "})"
    ),
    file.path(folder, "test-app.R")
  )
  config <- local_file(c(
    "[default]",
    "ignore_configured_endpoint_urls = true",
    "use_fips_endpoint = true",
    "ca_bundle = /no/such/file",
    "services = typo",
    "max_attempts = no number"
  ))
  withr::local_envvar(AWS_CONFIG_FILE = config, AWS_MAX_ATTEMPTS = "0", AWS_CA_BUNDLE = "/no/such/file")
  failed <- run_elsewhere(
    function(folder) {
      results <- as.data.frame(testthat::test_dir(folder, reporter = "silent", stop_on_failure = FALSE))
      list(
        sum(results$failed) + sum(results$error),
        results$nb,
        Sys.getenv("AWS_ENDPOINT_URL_REKOGNITION", NA)
      )
    },
    list(folder)
  )
  expect_equal(failed, list(0, 1, NA_character_))
})
