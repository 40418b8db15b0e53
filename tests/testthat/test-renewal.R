# Keys that expire during the lifetime of a client.

# Results that do not expire on the emulator's clock.
lasting_sessions <- function(emulator, count) {
  ids <- sprintf("session-%d", seq_len(count))
  for (id in ids) {
    emulator$put_result(id, list(SessionId = id, Status = "SUCCEEDED", Confidence = 99))
  }
  ids
}

# A function for `creds` that counts its calls.
counting <- function(give) {
  count <- 0
  function(what = c("keys", "count")) {
    if (match.arg(what) == "count") {
      return(count)
    }
    count <<- count + 1
    give(count)
  }
}

client_of <- function(emulator, creds, ...) {
  config <- emulator$config
  config$credentials <- list(creds = creds)
  rekognition(utils::modifyList(config, list(...)))
}

test_that("a `creds` function is called by the first call, and after the service has reported the keys as expired", {
  emulator <- test_emulator()
  ids <- lasting_sessions(emulator, 1)
  creds <- counting(function(count) emulator$credentials(900)$creds)
  svc <- client_of(emulator, creds)
  expect_identical(creds("count"), 0)
  expect_output(print(svc), "credentials: the function `creds`", fixed = TRUE)
  for (i in 1:3) {
    svc$get_face_liveness_session_results(ids)
  }
  expect_identical(creds("count"), 1)
  emulator$advance(901)
  expect_identical(svc$get_face_liveness_session_results(ids)$Status, "SUCCEEDED")
  expect_identical(creds("count"), 2)
  codes <- emulator$requests()$code
  expect_identical(codes, c(NA, NA, NA, "ExpiredTokenException", NA))
  # Repeatedly.
  emulator$advance(901)
  svc$get_face_liveness_session_results(ids)
  emulator$advance(901)
  svc$create_face_liveness_session()
  expect_identical(creds("count"), 4)
})

test_that("a batch and a promise of an hour work with keys of fifteen minutes", {
  skip_if_not_installed("promises")
  emulator <- test_emulator()
  emulator$fault("rate", per_second = 150, burst = 5)
  ids <- lasting_sessions(emulator, 150)
  creds <- counting(function(count) emulator$credentials(900)$creds)
  svc <- client_of(emulator, creds)
  passed <- 0
  pass_time <- function() {
    if (passed < 3600) {
      emulator$advance(300)
      passed <<- passed + 300
    }
  }
  results <- settled(liveness_promise(ids, svc), pass_time)
  expect_identical(results$status, rep("SUCCEEDED", 150))
  expect_gte(passed, 3600)
  expect_gte(creds("count"), 3)

  # In a blocking batch, where the keys expire after every call of the function.
  emulator$fault("none")
  creds <- counting(function(count) {
    keys <- emulator$credentials(900)$creds
    if (count == 1) {
      emulator$advance(901)
    }
    keys
  })
  svc <- client_of(emulator, creds)
  expect_identical(liveness_results(ids, svc)$status, rep("SUCCEEDED", 150))
  expect_identical(liveness_wait(ids, svc)$status, rep("SUCCEEDED", 150))
  expect_identical(creds("count"), 2)
})

test_that("keys are renewed before they expire, if the expiration is known", {
  emulator <- test_emulator()
  ids <- lasting_sessions(emulator, 1)
  expires <- list(
    Sys.time() + 3600,
    format(Sys.time() + 3600, "%Y-%m-%dT%H:%M:%SZ", tz = "UTC"),
    "2099-01-01T00:00:00+00:00",
    "",
    Inf,
    NULL
  )
  for (expiration in expires) {
    creds <- counting(function(count) c(emulator$credentials()$creds, list(expiration = expiration)))
    svc <- client_of(emulator, creds)
    for (i in 1:3) {
      svc$get_face_liveness_session_results(ids)
    }
    expect_identical(creds("count"), 1)
  }
  # They last a tenth of a second: the next call renews them without a refused request.
  creds <- counting(function(count) {
    c(emulator$credentials()$creds, list(expiration = Sys.time() + if (count == 1) 0.1 else 3600))
  })
  svc <- client_of(emulator, creds)
  svc$get_face_liveness_session_results(ids)
  Sys.sleep(0.2)
  svc$get_face_liveness_session_results(ids)
  expect_identical(creds("count"), 2)
  expect_identical(unique(emulator$requests()$code), NA_character_)

  expired <- client_of(emulator, function() {
    c(emulator$credentials()$creds, expiration = "2020-01-01T00:00:00Z")
  })
  expect_error(
    expired$create_face_liveness_session(),
    "have expired",
    class = "rekognition_credentials_error"
  )
  for (bad in list("soon", 5, NA, Sys.time()[0], .POSIXct("soon"), .POSIXct(list(5)))) {
    svc <- client_of(emulator, function() c(emulator$credentials()$creds, list(expiration = bad)))
    error <- expect_error(svc$create_face_liveness_session(), class = "rekognition_config_error")
    expect_identical(error$setting, "expiration")
  }
})

test_that("an error of a `creds` function is one condition, raised by the call", {
  emulator <- test_emulator()
  failed <- function(creds, class) {
    svc <- client_of(emulator, creds)
    conditions <- list(
      caught(svc$create_face_liveness_session()),
      caught(liveness_results(c("a", "b", "c"), svc)),
      if (requireNamespace("promises", quietly = TRUE)) settled(liveness_promise(c("a", "b"), svc))
    )
    for (condition in Filter(Negate(is.null), conditions)) {
      expect_s3_class(condition, class)
    }
    conditions[[1]]
  }
  creds <- counting(function(count) stop("keyring is locked"))
  locked <- failed(creds, "rekognition_credentials_error")
  expect_match(conditionMessage(locked), "keyring is locked", fixed = TRUE)
  expect_identical(conditionCall(locked), quote(svc$create_face_liveness_session()))
  expect_identical(creds("count"), 3)
  failed(function() list(), "rekognition_credentials_error")
  failed(function() NULL, "rekognition_config_error")
  expect_identical(
    failed(function() list(access_key_id = "A"), "rekognition_config_error")$setting,
    "secret_access_key"
  )
  expect_identical(
    failed(function() list(access_key = "A"), "rekognition_config_error")$setting,
    "access_key"
  )
  odd <- list(access_key_id = "A\nB", secret_access_key = "hunter2")
  odd <- failed(function() odd, "rekognition_config_error")
  expect_identical(odd$setting, "access_key_id")
  expect_identical(nrow(emulator$requests()), 0L)
})

test_that("a `creds` function that fails during a batch loses no results", {
  emulator <- test_emulator()
  ids <- lasting_sessions(emulator, 40)
  creds <- counting(function(count) {
    if (count == 2) {
      stop("keyring is locked")
    }
    emulator$credentials(900)$creds
  })
  svc <- client_of(emulator, creds)
  emulator$fault("rate", per_second = 40, burst = 1)
  skip_if_not_installed("promises")
  seen <- FALSE
  pass_time <- function() {
    if (!seen && sum(is.na(emulator$requests()$code)) >= 5) {
      seen <<- TRUE
      emulator$advance(901)
    }
  }
  results <- settled(liveness_promise(ids, svc), pass_time)
  expect_s3_class(results, "liveness_results")
  is_good <- results$status %in% "SUCCEEDED"
  expect_gte(sum(is_good), 5)
  expect_lt(sum(is_good), 40)
  for (error in results$error[!is_good]) {
    expect_s3_class(error, "rekognition_credentials_error")
    expect_match(conditionMessage(error), "keyring is locked", fixed = TRUE)
  }
  expect_identical(creds("count"), 2)
})

test_that("a `creds` function that has failed is not called again, not even for sessions in flight", {
  skip_if_not_installed("promises")
  emulator <- test_emulator()
  ids <- c(new_session(rekognition(emulator$config)), new_session(rekognition(emulator$config)))
  creds <- counting(function(count) {
    if (count == 2) {
      stop("keyring is locked")
    }
    emulator$credentials(60)$creds
  })
  polls <- function() nrow(results_requests(emulator))
  step <- 0
  pass_time <- function() {
    if (step == 0 && polls() >= 2) {
      # The next response is slow: the keys have expired before the next request.
      emulator$fault("dribble", seconds = 0.01)
      step <<- 1
    } else if (step == 1 && polls() >= 3) {
      emulator$advance(61)
      step <<- 2
    }
  }
  svc <- client_of(emulator, creds)
  results <- settled(liveness_promise(ids, svc, interval = 0.5, timeout = 60), pass_time)
  expect_identical(results$error_code, rep("rekognition_credentials_error", 2))
  expect_identical(creds("count"), 2)
})

test_that("the client works after Ctrl-C and other jumps out of a `creds` function", {
  emulator <- test_emulator()
  ids <- lasting_sessions(emulator, 1)
  creds <- counting(function(count) {
    if (count == 1) {
      rlang::interrupt()
    } else if (count == 2) {
      invokeRestart("leave")
    }
    emulator$credentials()$creds
  })
  skip_if_not_installed("rlang")
  svc <- client_of(emulator, creds)
  interrupted <- tryCatch(svc$get_face_liveness_session_results(ids), interrupt = function(i) "interrupted")
  expect_identical(interrupted, "interrupted")
  expect_identical(withRestarts(liveness_results(ids, svc), leave = function() "left"), "left")
  expect_identical(svc$get_face_liveness_session_results(ids)$Status, "SUCCEEDED")
})

test_that("a `creds` function that uses its own client is an error, not a deadlock", {
  emulator <- test_emulator()
  svc <- NULL
  svc <- client_of(emulator, function() {
    svc$create_face_liveness_session()
    emulator$credentials()$creds
  })
  error <- expect_error(svc$create_face_liveness_session(), class = "rekognition_credentials_error")
  expect_match(conditionMessage(error), "must not use the client that it supplies keys for", fixed = TRUE)
})

test_that("keys in files are read again after they have expired", {
  emulator <- test_emulator()
  ids <- lasting_sessions(emulator, 1)
  credentials <- withr::local_tempfile()
  write_keys <- function() {
    keys <- emulator$credentials(900)$creds
    lines <- c(
      "[default]",
      paste("aws_access_key_id =", keys$access_key_id),
      paste("aws_secret_access_key =", keys$secret_access_key),
      paste("aws_session_token =", keys$session_token)
    )
    writeLines(lines, credentials)
  }
  write_keys()
  withr::local_envvar(AWS_SHARED_CREDENTIALS_FILE = credentials)
  config <- emulator$config
  config$credentials <- NULL
  svc <- rekognition(config)
  svc$get_face_liveness_session_results(ids)
  emulator$advance(901)
  error <- expect_error(svc$get_face_liveness_session_results(ids), class = "ExpiredTokenException")
  expect_identical(error$attempts, 1L)
  write_keys()
  expect_identical(svc$get_face_liveness_session_results(ids)$Status, "SUCCEEDED")
})

test_that("a jump out of a `creds` function does not affect promises of the same client", {
  skip_if_not_installed("promises")
  skip_if_not_installed("rlang")
  emulator <- test_emulator()
  ids <- lasting_sessions(emulator, 30)
  emulator$fault("rate", per_second = 100, burst = 1)
  jumps <- 0
  creds <- counting(function(count) {
    if (count %in% c(1, 3)) {
      jumps <<- jumps + 1
      rlang::interrupt()
    }
    emulator$credentials(900)$creds
  })
  svc <- client_of(emulator, creds)
  promise <- liveness_promise(ids, svc)
  left <- tryCatch(svc$get_face_liveness_session_results(ids[1]), interrupt = function(i) "left")
  expect_identical(left, "left")
  advanced <- FALSE
  outcome <- NULL
  promises::then(promise, function(value) outcome <<- value, function(error) outcome <<- error)
  deadline <- Sys.time() + 120
  while (is.null(outcome) && Sys.time() < deadline) {
    # The interrupt leaves the event loop, which is then run again.
    tryCatch(later::run_now(0.05), interrupt = function(i) NULL, error = function(e) NULL)
    if (!advanced && sum(is.na(emulator$requests()$code)) >= 5) {
      advanced <- TRUE
      emulator$advance(901)
    }
  }
  expect_s3_class(outcome, "liveness_results")
  expect_identical(outcome$status, rep("SUCCEEDED", 30))
  expect_identical(jumps, 2)
})

test_that("a `creds` function can run the event loop", {
  skip_if_not_installed("promises")
  emulator <- test_emulator()
  ids <- lasting_sessions(emulator, 3)
  creds <- counting(function(count) {
    for (i in 1:5) {
      later::run_now(0.05)
    }
    emulator$credentials(900)$creds
  })
  svc <- client_of(emulator, creds)
  promises <- lapply(1:3, function(i) liveness_promise(ids, svc))
  expect_identical(svc$get_face_liveness_session_results(ids[1])$Status, "SUCCEEDED")
  for (promise in promises) {
    expect_identical(settled(promise)$status, rep("SUCCEEDED", 3))
  }
  expect_identical(creds("count"), 1)
})
