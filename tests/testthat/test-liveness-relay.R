# Relays from R. dev/peers/tests/relay.rs has whole checks and attacks.

skip_if_not_installed("jsonlite")
skip_if_not_installed("digest")

test_relay <- function(emulator = test_emulator(frame = frame), ..., frame = parent.frame()) {
  svc <- rekognition(c(emulator$config, max_retries = 0), ...)
  liveness_relay(svc, svc$create_face_liveness_session()$SessionId)
}

test_that("a page opens a check with its ticket and gets the challenge", {
  emulator <- test_emulator()
  relay <- test_relay(emulator)
  expect_s3_class(relay, "liveness_relay")
  expect_identical(relay$state(), "waiting")
  ticket <- relay$ticket()
  expect_named(ticket, c("mode", "sessionId", "region", "credentials"))
  expect_identical(ticket[c("mode", "region")], list(mode = "relay", region = emulator$config$region))

  response <- open_until(relay, "open")
  expect_length(grepRaw("ChallengeEvent", jsonlite::base64_dec(response$frames[[1]]), fixed = TRUE), 1)
  expect_identical(relay$state(), "open")
  expect_null(relay$error())
  # The service sees the client's key, and not the page's.
  requests <- emulator$requests()
  key <- requests$access_key_id[requests$operation == "StartFaceLivenessSession"]
  expect_identical(key, emulator$config$credentials$creds$access_key_id)

  relay$close()
  expect_identical(exchange(relay, 99)$error$code, "REFUSED")
  expect_identical(relay$state(), "closed")
})

test_that("a refused page is a condition of the relay", {
  relay <- test_relay()
  query <- opening_query(relay$ticket(), session_id = some_id)
  expect_identical(exchange(relay, 1, open = query)$error$code, "REFUSED")
  # It was not the page of this ticket.
  expect_identical(relay$state(), "waiting")

  exchange(relay, 1, open = opening_query(relay$ticket()))
  response <- exchange(relay, 2, frames = charToRaw("no frame"))
  expect_identical(response[c("state", "code")], list(state = "closed", code = 1008L))
  expect_identical(relay$state(), "failed")
  error <- relay$error()
  expect_s3_class(error, c("rekognition_check_error", "rekognition_error"))
  expect_identical(error$state, "REFUSED")
  expect_identical(error$reason, response$error)
  expect_match(conditionMessage(error), "frame is not a signed message", fixed = TRUE)
  expect_identical(error$call[[1]], quote(liveness_relay))
})

test_that("failures of the service are the conditions of a call", {
  emulator <- test_emulator()
  emulator$fault("stream_error", code = "AccessDeniedException", message = "User: arn:aws:iam::1:user/x")
  relay <- test_relay(emulator)
  response <- open_until(relay, "closed")
  expect_identical(response$error$code, "UNAVAILABLE")
  expect_no_match(response$error$message, "arn")
  error <- relay$error()
  expect_s3_class(
    error,
    c("AccessDeniedException", "http_403", "http_error", "rekognition_service_error"),
    exact = FALSE
  )
  expect_match(conditionMessage(error), "arn:aws:iam::1:user/x", fixed = TRUE)

  emulator$stop()
  relay <- liveness_relay(rekognition(c(emulator$config, max_retries = 0)), some_id)
  open_until(relay, "closed")
  expect_s3_class(relay$error(), "rekognition_connection_error")
})

test_that("a `creds` function supplies the keys of a check, and its failure is the check's", {
  emulator <- test_emulator()
  config <- emulator$config
  creds <- config$credentials$creds
  config$credentials <- NULL
  calls <- 0
  svc <- rekognition(
    config,
    credentials = list(creds = function() {
      calls <<- calls + 1
      creds
    })
  )
  expect_identical(
    open_until(liveness_relay(svc, new_session(rekognition(emulator$config))), "open")$state,
    "open"
  )
  expect_identical(calls, 1)

  svc <- rekognition(config, credentials = list(creds = function() stop("no vault")))
  relay <- liveness_relay(svc, some_id)
  expect_identical(open_until(relay, "closed")$error$code, "UNAVAILABLE")
  expect_s3_class(relay$error(), "rekognition_credentials_error")
  expect_match(conditionMessage(relay$error()), "no vault", fixed = TRUE)
})

test_that("no way to inspect a relay shows its key or those of the client", {
  emulator <- test_emulator()
  relay <- test_relay(emulator)
  open_until(relay, "open")
  serialized <- rawToChar(serialize(relay, NULL, ascii = TRUE))
  shown <- c(
    capture.output(print(relay), str(relay), dput(relay), print(unclass(relay))),
    format(relay),
    serialized
  )
  ticket_secret <- relay$ticket()$credentials$secretAccessKey
  expect_false(any(grepl(ticket_secret, shown, fixed = TRUE)))
  own <- emulator$config$credentials$creds$secret_access_key
  expect_false(any(grepl(own, setdiff(shown, serialized), fixed = TRUE)))
})

test_that("a relay in a file or another process is closed", {
  relay <- test_relay()
  open_until(relay, "open")
  copy <- unserialize(serialize(relay, NULL))
  expect_identical(copy$state(), "closed")
  expect_match(conditionMessage(caught(copy$ticket())), "another process", fixed = TRUE)
  expect_identical(jsonlite::fromJSON(copy$exchange(charToRaw("{}")))$state, "closed")
  if (.Platform$OS.type == "unix") {
    in_child <- parallel::mclapply(1:2, function(i) c(relay$state(), relay$exchange(charToRaw("{}"))))[[1]]
    expect_identical(in_child[1], "closed")
    expect_match(in_child[2], "another process", fixed = TRUE)
  }
  # The check goes on.
  expect_identical(exchange(relay, 1e6)$error$code, "REFUSED")
  expect_identical(relay$state(), "open")
})

test_that("the log has a check's requests, and neither its session nor its ticket", {
  emulator <- test_emulator()
  withr::local_options(rekognition.log_level = "debug")
  log <- capture.output(type = "message", {
    relay <- test_relay(emulator)
    open_until(relay, "open")
    relay$close()
    wait_until(
      {
        relay$state()
        svc <- rekognition(emulator$config)
        svc$get_face_liveness_session_results(relay$ticket()$sessionId)$Status == "FAILED"
      },
      "the check has failed"
    )
    invisible(relay$state())
  })
  log <- grep("StartFaceLivenessSession", log, value = TRUE)
  expect_match(log[1], "attempt 1 to http://127.0.0.1:[0-9]+/start-face-liveness-session-websocket$")
  ticket <- relay$ticket()
  for (hidden in c(ticket$sessionId, unlist(ticket$credentials))) {
    expect_false(any(grepl(hidden, log, fixed = TRUE)))
  }
})

test_that("wrong arguments of a relay are named", {
  svc <- rekognition(test_emulator()$config)
  expect_snapshot({
    show_error(liveness_relay())
    show_error(liveness_relay(svc))
    show_error(liveness_relay("svc", some_id))
    show_error(liveness_relay(svc, 1))
    show_error(liveness_relay(svc, ""))
    show_error(liveness_relay(svc, some_id)$exchange())
    show_error(liveness_relay(svc, some_id)$exchange("text"))
    print(liveness_relay(svc, some_id))
  })
})
