test_that("a row contains the results of the single call, and more", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 3, Settings = list(AuditImagesLimit = 2))
  emulator$check(ids[2], status = "FAILED")
  emulator$check(ids[3], feedback = c("LOW_LIGHTING_DETECTED", "FACE_NOT_VISIBLE"))
  ids <- c(ids, new_session(svc), some_id)
  before <- Sys.time()
  results <- liveness_results(ids, svc)
  expect_identical(
    names(results),
    c(
      "session_id",
      "status",
      "confidence",
      "reference_image",
      "audit_images",
      "n_audit_images",
      "challenge_type",
      "challenge_version",
      "feedback",
      "sdk_type",
      "error",
      "error_code",
      "request_id",
      "attempts",
      "retrieved_at",
      "region"
    )
  )
  expect_s3_class(results, c("liveness_results", "data.frame"), exact = !isNamespaceLoaded("tibble"))
  expect_identical(results$session_id, ids)
  expect_identical(results$status, c("SUCCEEDED", "FAILED", "SUCCEEDED", "CREATED", NA))
  expect_identical(results$error_code, c(NA, NA, NA, NA, "SessionNotFoundException"))
  expect_identical(results$attempts, rep(1L, 5))
  expect_identical(
    results$request_id,
    results_requests(emulator)$request_id[match(ids, results_requests(emulator)$session_id)]
  )
  expect_identical(results$region, rep("us-east-1", 5))
  expect_true(all(results$retrieved_at >= before - 1 & results$retrieved_at <= Sys.time() + 1))

  alone <- svc$get_face_liveness_session_results(ids[1])
  expect_identical(results$confidence[1], alone$Confidence)
  expect_identical(plain_image(results$reference_image[[1]]), alone$ReferenceImage)
  expect_identical(lapply(results$audit_images[[1]], plain_image), alone$AuditImages)
  expect_identical(results$n_audit_images, c(2L, 0L, 2L, 0L, 0L))
  expect_null(results$reference_image[[4]])
  expect_identical(results$audit_images[[4]], list())
  expect_identical(results$challenge_type[1], "FaceMovementAndLightChallenge")
  expect_identical(results$sdk_type[1], "Emulator")
  expect_identical(results$feedback[[3]]$code, c("LOW_LIGHTING_DETECTED", "FACE_NOT_VISIBLE"))
  expect_identical(dim(results$feedback[[1]]), c(0L, 2L))
  expect_true(all(is.na(results$confidence[4:5])))
  error <- results$error[[5]]
  expect_s3_class(error, c("SessionNotFoundException", "http_400", "rekognition_service_error"))
  expect_identical(error$request_id, results$request_id[5])
  expect_null(results$error[[1]])
})

test_that("duplicate session IDs are fetched once, and each has a row", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 2)
  results <- liveness_results(factor(ids[c(2, 1, 2, 2)]), svc)
  expect_identical(results$session_id, ids[c(2, 1, 2, 2)])
  expect_identical(results$confidence[3], results$confidence[1])
  expect_identical(nrow(results_requests(emulator)), 2L)
  # No IDs, no requests.
  none <- liveness_results(character(0), svc)
  expect_identical(dim(none), c(0L, 16L))
  expect_identical(vapply(none, typeof, ""), vapply(results, typeof, ""))
  expect_identical(nrow(results_requests(emulator)), 2L)
})

test_that("images can be dropped", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1, Settings = list(AuditImagesLimit = 3))
  results <- liveness_results(id, svc, images = "drop")
  expect_null(results$reference_image[[1]])
  expect_identical(results$audit_images[[1]], list())
  expect_identical(results$n_audit_images, 3L)
  expect_identical(results$status, "SUCCEEDED")
})

test_that("invalid arguments are errors, and nothing is sent", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  complaint <- function(argument, ...) {
    error <- caught(liveness_results(...))
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, argument)
    # The client may be made in the call, from keys.
    expect_identical(conditionCall(error), quote(liveness_results(...)))
  }
  complaint("session_ids", svc = svc)
  for (ids in list(NULL, NA, NA_character_, c(some_id, NA), 1:3, list(some_id), broken, TRUE)) {
    complaint("session_ids", ids, svc)
  }
  complaint("session_ids", as.character(1:1000000), svc)
  complaint("svc", some_id, list())
  complaint("svc", some_id, emulator$config)
  for (most in list(0, 1001, 1.5, NA, "10", NULL, c(1, 2))) {
    complaint("max_active", some_id, svc, max_active = most)
  }
  complaint("images", some_id, svc, images = "maybe")
  complaint("on_error", some_id, svc, on_error = NA)
  complaint("progress", some_id, svc, progress = NA)
  complaint("dir", some_id, svc, dir = 5)
  complaint("images", some_id, svc, dir = withr::local_tempdir(), images = "drop")
  for (id in c("../x", "a/b", "", ".hidden", "a\\b", strrep("a", 300))) {
    complaint("session_ids", c(some_id, id), svc, dir = withr::local_tempdir())
  }
  expect_match(conditionMessage(caught(liveness_wait(some_id, svc, tmeout = 3))), "`timeout`", fixed = TRUE)
  expect_identical(caught(liveness_wait(some_id, svc, timeout = "x"))$argument, "timeout")
  expect_identical(caught(liveness_wait(some_id, svc, interval = 0))$argument, "interval")
  expect_identical(nrow(emulator$requests()), 0L)
})

test_that("the same ID in another encoding is a duplicate", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- "caf\xe9"
  Encoding(id) <- "latin1"
  emulator$put_result("caf\u00e9", list(SessionId = "caf\u00e9", Status = "SUCCEEDED"))
  results <- liveness_results(id, svc)
  expect_identical(results$status, "SUCCEEDED")
  expect_identical(Encoding(results$session_id), "UTF-8")
})

test_that("no session is lost if every first attempt fails", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 60)
  faults <- list(
    list("throttle"),
    list("throttle", status_code = 500),
    list("error", code = "InternalServerError", status_code = 500),
    list("html", status_code = 503),
    list("close"),
    list("reset"),
    list("cut_off")
  )
  for (fault in faults) {
    for (most in c(1, 8, 60)) {
      emulator$fault("none")
      do.call(emulator$fault, c(fault, times = "first"))
      results <- liveness_results(ids, svc, max_active = most, images = "drop")
      expect_identical(results$status, rep("SUCCEEDED", 60), label = paste(fault[[1]], most))
      expect_identical(results$attempts, rep(2L, 60), label = paste(fault[[1]], most))
    }
  }
})

test_that("a batch adapts to the rate limit of the service, with few throttled requests", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 100)
  emulator$fault("rate", per_second = 50, burst = 5)
  results <- liveness_results(ids, svc, max_active = 100, images = "drop")
  expect_identical(results$status, rep("SUCCEEDED", 100))
  requests <- results_requests(emulator)
  # The batch finds the limit within these two seconds. A test in Rust, with a simulated clock, checks that a longer run
  # wastes at most a tenth of its requests.
  expect_lt(sum(requests$status_code != 200), 40)
  expect_identical(sum(results$attempts), nrow(requests))
})

test_that("exactly `max_active` requests are in flight", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 5)
  emulator$fault("hang", times = 100)
  batch <- function(most) {
    before <- nrow(emulator$requests())
    handle <- environment(svc$get_face_liveness_session_results)$handle
    pending <- batch_start(handle$client, ids, list(max_active = most))
    withr::defer(batch_cancel(pending))
    sent <- function() nrow(emulator$requests()) - before
    deadline <- Sys.time() + 60
    while (sent() < min(most, length(ids)) && Sys.time() < deadline) {
      batch_take(pending, FALSE, 0.05)
    }
    # All requests that may be in flight have arrived: more would follow at once.
    batch_take(pending, FALSE, 0.5)
    sent()
  }
  expect_identical(batch(1), 1L)
  expect_identical(batch(3), 3L)
  expect_identical(batch(1000), 5L)
})

test_that("errors become rows or stop the batch", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  ids <- checked_sessions(emulator, svc, 3)
  emulator$put_result(ids[2], "{\"Status\":")
  broken_image <- list(Bytes = "not base64!")
  emulator$put_result(ids[3], list(SessionId = ids[3], Status = "SUCCEEDED", ReferenceImage = broken_image))
  emulator$fault("throttle")
  results <- liveness_results(c(some_id, ids), svc, max_active = 1)
  expect_identical(
    results$error_code,
    c("ThrottlingException", NA, "rekognition_response_error", "rekognition_response_error")
  )
  expect_match(conditionMessage(results$error[[4]]), "an image is not base64", fixed = TRUE)
  expect_identical(results$attempts, rep(1L, 4))
  before <- nrow(results_requests(emulator))
  error <- caught(liveness_results(c(some_id, ids), svc, max_active = 1, on_error = "stop"))
  expect_s3_class(error, "SessionNotFoundException")
  expect_identical(conditionCall(error), quote(liveness_results(...)))
  # With one request at a time, few others were started.
  expect_lte(nrow(results_requests(emulator)) - before, 4)
  emulator$stop()
  results <- liveness_results(ids, svc)
  expect_identical(unique(results$error_code), "rekognition_connection_error")
})

test_that("a batch without credentials or a region raises one error", {
  withr::local_envvar(
    AWS_ACCESS_KEY_ID = NA,
    AWS_SECRET_ACCESS_KEY = NA,
    AWS_EC2_METADATA_DISABLED = "true",
    AWS_CONFIG_FILE = local_file(""),
    AWS_SHARED_CREDENTIALS_FILE = local_file("")
  )
  svc <- rekognition(endpoint = "http://127.0.0.1:1", region = "us-east-1")
  expect_error(liveness_results(c("a", "b"), svc), class = "rekognition_credentials_error")
  expect_error(liveness_results(c("a", "b"), svc, on_error = "stop"), class = "rekognition_credentials_error")
  expect_error(liveness_wait(c("a", "b"), svc), class = "rekognition_credentials_error")
  keys <- list(creds = list(access_key_id = "A", secret_access_key = "s"))
  nowhere <- rekognition(endpoint = "http://127.0.0.1:1", credentials = keys)
  error <- expect_error(liveness_results(c("a", "b"), nowhere), class = "rekognition_config_error")
  expect_identical(error$setting, "region")
  # Results that were saved before do not change that.
  emulator <- test_emulator()
  local <- rekognition(config = emulator$config)
  dir <- withr::local_tempdir()
  ids <- checked_sessions(emulator, local, 2)
  liveness_results(ids, local, dir = dir)
  expect_error(liveness_results(c(ids, "b"), nowhere, dir = dir), class = "rekognition_config_error")
  expect_identical(liveness_results(ids, nowhere, dir = dir)$status, rep("SUCCEEDED", 2))
})

test_that("a script without a region ends with an error", {
  script <- local_file("rekognition::liveness_results(c('a', 'b'))")
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  output <- suppressWarnings(system2(
    file.path(R.home("bin"), "Rscript"),
    c("--vanilla", script),
    stdout = TRUE,
    stderr = TRUE
  ))
  expect_identical(attr(output, "status"), 1L)
  expect_match(output, "No region is set", all = FALSE)
})

test_that("the log has one line for a batch without credentials", {
  svc <- rekognition(endpoint = "http://127.0.0.1:1", region = "us-east-1")
  withr::local_options(rekognition.log_level = "info")
  log <- capture.output(error <- caught(liveness_results(c("a", "b", "c"), svc)), type = "message")
  expect_length(log, 1)
  expect_match(log, "credentials")
})

test_that("a saved client runs batches", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 2)
  file <- withr::local_tempfile()
  saveRDS(svc, file)
  expect_identical(liveness_results(ids, readRDS(file))$status, rep("SUCCEEDED", 2))
})

test_that("liveness_wait() polls until all sessions have ended, at growing intervals", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  done <- checked_sessions(emulator, svc, 2)
  # These end by the emulator's clock, about 0.6 s from now.
  slow <- test_emulator(check_after = 0.3)
  open <- new_session(svc)
  results <- liveness_wait(c(done, open), svc, timeout = 3, interval = 0.6)
  expect_identical(results$status, c("SUCCEEDED", "SUCCEEDED", "CREATED"))
  polls <- table(factor(results_requests(emulator)$session_id, c(done, open)))
  expect_identical(as.integer(polls[1:2]), c(1L, 1L))
  expect_true(polls[3] > 1 && polls[3] < 8)
  expect_identical(results$attempts, as.integer(polls))

  other <- rekognition(config = slow$config)
  ids <- vapply(1:3, function(i) new_session(other), "")
  results <- liveness_wait(c(ids, some_id), other, timeout = 120, interval = 0.1)
  expect_identical(results$status, c(rep("SUCCEEDED", 3), NA))
  expect_identical(results$error_code[4], "SessionNotFoundException")
})

test_that("throttling after a pause is retried, and a service that throttles everything is an error", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$fault("delay", seconds = 0)
  emulator$fault("throttle")
  results <- liveness_wait(id, svc, timeout = 3, interval = 0.5)
  expect_identical(results$status, "CREATED")
  expect_gt(results$attempts, 2)
  svc <- rekognition(c(emulator$config, operation_timeout = 0.3))
  ids <- checked_sessions(emulator, svc, 30)
  emulator$fault("throttle", times = 1e6)
  results <- liveness_results(ids, svc, max_active = 2)
  # The other requests ran into the time limit.
  expect_true(all(results$error_code %in% c("ThrottlingException", "rekognition_timeout_error")))
  expect_identical(results$error_code[30], "ThrottlingException")
})

test_that("a session without a response is a timeout error at the deadline", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  emulator$fault("hang", times = 10)
  results <- liveness_wait(id, svc, timeout = 0.4, interval = 0.1)
  error <- results$error[[1]]
  expect_s3_class(error, "rekognition_timeout_error")
  expect_identical(error$timeout, 0.4)
  expect_match(conditionMessage(error), "No response within 0.4 s (`timeout`)", fixed = TRUE)
})

test_that("liveness_wait() ends when the service has deleted the sessions, and saves those that have ended", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$advance(180)
  dir <- withr::local_tempdir()
  results <- liveness_wait(id, svc, timeout = 1e6, interval = 0.1, dir = dir)
  expect_identical(results$status, "EXPIRED")
  expect_true(file.exists(file.path(dir, id, "results.json")))
})

test_that("the log has lines for each session of a batch", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 2)
  emulator$fault("throttle", times = "first")
  withr::local_options(rekognition.log_level = "info")
  log <- capture.output(invisible(liveness_results(ids, svc)), type = "message")
  expect_length(log, 2)
  expect_match(log, "HTTP 200, request id .*2 attempts$")
  expect_false(any(grepl(ids[1], log, fixed = TRUE)))
})

test_that("a process with a low limit of open files uses fewer connections", {
  skip_on_os("windows")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 300)
  emulator$fault("delay", times = 1e6, seconds = 0.2)
  script <- local_file(c(
    paste0("svc <- rekognition::rekognition(config = ", paste(deparse(emulator$config), collapse = ""), ")"),
    paste0("ids <- readLines('", local_file(ids), "')"),
    "results <- rekognition::liveness_results(ids, svc, max_active = 300, images = 'drop')",
    "cat(table(results$status), max(results$attempts))"
  ))
  rscript <- file.path(R.home("bin"), "Rscript")
  # R CMD check leaves files open for each help page, and its children inherit them.
  limit <- "ulimit -n $(( $(ls /dev/fd | wc -l) + 190 ));"
  output <- withr::with_envvar(
    c(R_LIBS = paste(.libPaths(), collapse = ":")),
    system2("sh", c("-c", shQuote(paste(limit, rscript, "--vanilla", script))), stdout = TRUE)
  )
  expect_match(output, "^300 ")
})

test_that("an error code is checked once, however many rows have it", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- sprintf("00000000-0000-4000-8000-%012d", 1:50)
  the_tests <- new.env()
  the_tests$looked_up <- 0
  count <- bquote(assign("looked_up", get("looked_up", .(the_tests)) + 1, .(the_tests)))
  suppressMessages(trace("getS3method", count, where = asNamespace("utils"), print = FALSE))
  results <- tryCatch(
    liveness_results(ids, svc),
    finally = suppressMessages(untrace("getS3method", where = asNamespace("utils")))
  )
  expect_identical(results$error_code, rep("SessionNotFoundException", 50))
  # Once for each generic that is checked.
  expect_gt(the_tests$looked_up, 0)
  expect_lt(the_tests$looked_up, 20)
  # Fields that differ between rows are not shared.
  expect_identical(vapply(results$error, `[[`, "", "request_id"), results$request_id)
  expect_false(anyDuplicated(results$request_id) > 0)
})
