secret_parts <- function(emulator) {
  keys <- emulator$credentials()
  list(keys = keys, hidden = unlist(keys$creds[c("secret_access_key", "session_token")], use.names = FALSE))
}

# All output of R about an object.
shown_of <- function(x) {
  c(capture.output(print(x)), capture.output(str(x)), format(x), capture.output(dput(x)))
}

test_that("no way to inspect a client, an emulator or a condition shows a secret", {
  emulator <- test_emulator()
  secret <- secret_parts(emulator)
  svc <- rekognition(c(emulator$config, max_retries = 0), credentials = secret$keys)
  emulator$fault("close")
  emulator$fault("error", code = "AccessDeniedException")
  emulator$fault("html")
  emulator$fault("gzip")
  conditions <- lapply(1:5, function(i) caught(svc$get_face_liveness_session_results(some_id)))
  own <- emulator$config$credentials$creds$secret_access_key
  shown <- c(
    shown_of(svc),
    unlist(lapply(conditions, function(e) {
      c(shown_of(unclass(e)), conditionMessage(e), deparse(conditionCall(e)))
    })),
    capture.output(print(emulator)),
    capture.output(str(emulator)),
    capture.output(print(emulator$requests())),
    capture.output(str(emulator$requests()))
  )
  for (hidden in c(secret$hidden, own, "Signature=", "AWS4-HMAC")) {
    expect_false(any(grepl(hidden, shown, fixed = TRUE)))
  }
})

test_that("a traceback shows no secrets from variables", {
  emulator <- test_emulator()
  secret <- secret_parts(emulator)
  output <- run_elsewhere(
    function(config, keys) {
      script <- tempfile(fileext = ".R")
      saveRDS(list(config = config, keys = keys), paste0(script, "ds"))
      writeLines(
        c(
          sprintf("given <- readRDS(%s)", deparse(paste0(script, "ds"))),
          "options(error = quote({ print(sys.calls()); traceback(2); dump.frames(); q('no', 1) }))",
          "svc <- rekognition::rekognition(given$config, credentials = given$keys)",
          "svc$get_face_liveness_session_results('x')"
        ),
        script
      )
      suppressWarnings(system2(
        file.path(R.home("bin"), "Rscript"),
        c("--vanilla", script),
        stdout = TRUE,
        stderr = TRUE
      ))
    },
    list(emulator$config, secret$keys)
  )
  expect_match(paste(output, collapse = "\n"), "ValidationException")
  for (hidden in secret$hidden) {
    expect_false(any(grepl(hidden, output, fixed = TRUE)))
  }
})

test_that("keys from a function are not stored, and each process calls the function", {
  emulator <- test_emulator()
  secret <- secret_parts(emulator)
  store <- withr::local_tempfile()
  saveRDS(secret$keys$creds, store)
  get_keys <- eval(bquote(function() readRDS(.(store))), baseenv())
  svc <- rekognition(emulator$config, credentials = list(creds = get_keys))
  id <- new_session(svc)
  saved <- withr::local_tempfile()
  saveRDS(svc, saved, compress = FALSE)
  bytes <- readBin(saved, "raw", file.size(saved))
  for (hidden in c(secret$hidden, emulator$config$credentials$creds$secret_access_key)) {
    expect_length(grepRaw(hidden, bytes, fixed = TRUE), 0)
  }
  expect_identical(readRDS(saved)$get_face_liveness_session_results(id)$Status, "CREATED")
  elsewhere <- run_elsewhere(
    function(svc, id) svc$get_face_liveness_session_results(id)$Status,
    list(svc, id)
  )
  expect_identical(elsewhere, "CREATED")
  expect_identical(
    emulator$requests()$access_key_id,
    rep(secret$keys$creds$access_key_id, 3)
  )
})

test_that("keys in the call are stored, as documented", {
  emulator <- test_emulator()
  saved <- serialize(rekognition(emulator$config), NULL, ascii = FALSE, xdr = FALSE)
  secret <- emulator$config$credentials$creds$secret_access_key
  expect_length(grepRaw(secret, saved, fixed = TRUE), 1)
})

test_that("a `creds` function and a list of keys replace each other", {
  emulator <- test_emulator()
  keys <- emulator$config$credentials$creds
  wrong <- list(access_key_id = "A", secret_access_key = "s")
  config <- emulator$config
  config$credentials$creds <- function() wrong
  expect_match(new_session(rekognition(config, credentials = list(creds = keys))), "^[0-9a-f-]{36}$")
  config$credentials$creds <- wrong
  expect_match(
    new_session(rekognition(config, credentials = list(creds = function() keys))),
    "^[0-9a-f-]{36}$"
  )
})

test_that("the emulator listens on 127.0.0.1 only and refuses unsigned requests", {
  emulator <- test_emulator()
  port <- as.integer(sub(".*:", "", emulator$url))
  expect_match(emulator$url, "^http://127[.]0[.]0[.]1:[0-9]+$")
  reaches <- function(host) {
    suppressWarnings(tryCatch(
      {
        close(socketConnection(host, port, open = "r+b", timeout = 2))
        TRUE
      },
      error = function(e) FALSE
    ))
  }
  expect_true(reaches("127.0.0.1"))
  for (other in c("127.0.0.2", "::1")) {
    expect_false(reaches(other))
  }
  unsigned <- rekognition(emulator$config, credentials = list(anonymous = TRUE))
  expect_error(new_session(unsigned), class = "MissingAuthenticationTokenException")
})

test_that("secrets of a credential source are in no condition, row, report, log or situation report", {
  skip_on_os("windows")
  secret <- "s3cr3t-MARKER"
  folder <- withr::local_tempdir()
  dir.create(file.path(folder, "page"))
  writeLines(
    sprintf("[profile script]\ncredential_process = echo %s; echo %s >&2; exit 3", secret, secret),
    file.path(folder, "config")
  )
  emulator <- test_emulator()
  results <- liveness_results(some_id, rekognition(config = emulator$config))
  looked_at <- function() {
    svc <- rekognition(endpoint = "http://127.0.0.1:9", region = "us-east-1")
    withr::local_options(rekognition.log_level = "debug")
    shown <- character()
    log <- capture.output(type = "message", {
      condition <- caught(svc$get_face_liveness_session_results(some_id))
      batch <- caught(liveness_results(some_id, svc))
      results$error[[1]] <- batch
      report <- rekognition_sitrep(svc)
      page <- withr::local_tempfile()
      liveness_report(results, page)
      shown <- c(
        conditionMessage(condition),
        conditionMessage(batch),
        capture.output(print(results), print(report)),
        readLines(page)
      )
    })
    expect_s3_class(condition, "rekognition_credentials_error")
    expect_false(any(grepl(
      "MARKER",
      c(log, shown, format(results$error), unlist(lapply(results$error, conditionMessage)))
    )))
  }
  # A token with a line break, and no agent.
  withr::with_envvar(
    c(
      AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://127.0.0.1:9/",
      AWS_CONTAINER_AUTHORIZATION_TOKEN = paste0(secret, "\n", secret, "\n")
    ),
    looked_at()
  )
  withr::with_envvar(
    c(AWS_CONFIG_FILE = file.path(folder, "config"), AWS_PROFILE = "script"),
    looked_at()
  )
})
