page_role <- "arn:aws:iam::111122223333:role/liveness-page"

ticket_client <- function(emulator, ticket) {
  keys <- ticket$credentials
  creds <- list(
    access_key_id = keys$accessKeyId,
    secret_access_key = keys$secretAccessKey,
    session_token = keys$sessionToken
  )
  rekognition(emulator$config, credentials = list(creds = creds))
}

assumed <- function(emulator) {
  requests <- emulator$requests()
  requests[requests$operation == "AssumeRole", ]
}

test_that("a direct ticket is a plain list for the page", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  id <- new_session(svc)
  promise <- liveness_direct(svc, id, page_role)
  expect_true(promises::is.promise(promise))
  ticket <- settled(promise)
  expect_identical(names(ticket), c("mode", "sessionId", "region", "credentials", "endpoint"))
  expect_identical(
    ticket[c("mode", "sessionId", "region")],
    list(mode = "direct", sessionId = id, region = "us-east-1")
  )
  expect_identical(ticket$endpoint, emulator$url)
  expect_named(ticket$credentials, c("accessKeyId", "secretAccessKey", "sessionToken", "expiration"))
  expect_match(ticket$credentials$expiration, "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$")
  expires <- as.POSIXct(ticket$credentials$expiration, "UTC", format = "%Y-%m-%dT%H:%M:%SZ")
  expect_lt(abs(as.numeric(expires) - as.numeric(Sys.time()) - 900), 60)
  expect_true(all(nzchar(unlist(ticket))))
})

test_that("the keys of a ticket can do nothing else than start a stream", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  id <- new_session(svc)
  page <- ticket_client(emulator, settled(liveness_direct(svc, id, page_role)))
  denied <- list(
    caught(page$get_face_liveness_session_results(id)),
    caught(page$create_face_liveness_session()),
    caught(page$list_collections()),
    caught(page$delete_collection("people"))
  )
  for (error in denied) {
    expect_s3_class(error, "AccessDeniedException")
  }
  expect_s3_class(settled(liveness_direct(page, id, page_role)), "AccessDenied")
  emulator$advance(901)
  expect_s3_class(caught(page$list_collections()), "ExpiredTokenException")
})

test_that("a role that cannot be assumed is the error of STS", {
  emulator <- test_emulator()
  liveness <- '{"Statement": [{"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"}]}'
  svc <- rekognition(emulator$config, credentials = emulator$credentials(policy = liveness))
  error <- settled(liveness_direct(svc, some_id, page_role))
  expect_s3_class(
    error,
    c(
      "AccessDenied",
      "http_403",
      "http_error",
      "rekognition_service_error",
      "rekognition_error",
      "error",
      "condition"
    ),
    exact = TRUE
  )
  expect_identical(error$attempts, 1L)
  expect_match(conditionMessage(error), "not authorized to perform: sts:AssumeRole")
  expect_match(conditionMessage(error), "the role must trust them")
  expect_identical(error$call, quote(liveness_direct(...)))

  for (arn in c("role/x", "arn:aws:iam::1:role/liveness-page")) {
    error <- settled(liveness_direct(rekognition(emulator$config), some_id, arn))
    expect_s3_class(error, c("ValidationError", "http_400"))
  }
  emulator$fault("error", code = "RegionDisabledException", message = "closed", status_code = 403)
  expect_s3_class(
    settled(liveness_direct(rekognition(emulator$config), some_id, page_role)),
    "RegionDisabledException"
  )
})

test_that("failures on the way to STS are the conditions of calls", {
  emulator <- test_emulator()
  direct <- function(svc) settled(liveness_direct(svc, some_id, page_role))
  error <- direct(rekognition(emulator$config, endpoint = "http://127.0.0.1:9"))
  expect_s3_class(error, "rekognition_connection_error")
  expect_identical(error$endpoint, "http://127.0.0.1:9")

  emulator$fault("delay", seconds = 60)
  impatient <- rekognition(utils::modifyList(emulator$config, list(operation_timeout = 0.3)))
  expect_s3_class(direct(impatient), "rekognition_timeout_error")
  emulator$fault("none")

  anonymous <- rekognition(
    endpoint = emulator$url,
    region = "us-east-1",
    credentials = list(anonymous = TRUE)
  )
  expect_s3_class(direct(anonymous), "rekognition_credentials_error")
  withr::local_envvar(AWS_EC2_METADATA_DISABLED = "true", AWS_ACCESS_KEY_ID = NA, AWS_SECRET_ACCESS_KEY = NA)
  withr::local_envvar(
    AWS_SHARED_CREDENTIALS_FILE = local_file(character()),
    AWS_CONFIG_FILE = local_file(character())
  )
  error <- direct(rekognition(endpoint = emulator$url, region = "us-east-1"))
  expect_s3_class(error, "rekognition_credentials_error")
  error <- direct(rekognition(endpoint = emulator$url, credentials = emulator$config$credentials))
  expect_s3_class(error, "rekognition_config_error")
  expect_identical(error$setting, "region")
})

test_that("arguments are checked before anything is sent", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  wrong <- list(
    svc = list(),
    svc = list("svc", some_id, page_role),
    session_id = list(svc),
    session_id = list(svc, 5, page_role),
    role_arn = list(svc, some_id),
    role_arn = list(svc, some_id, NA),
    role_arn = list(svc, some_id, c(page_role, page_role)),
    external_id = list(svc, some_id, page_role, external_id = 1),
    role_session_name = list(svc, some_id, page_role, role_session_name = list())
  )
  for (i in seq_along(wrong)) {
    error <- settled(do.call(liveness_direct, wrong[[i]]))
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, names(wrong)[i])
  }
  expect_identical(nrow(emulator$requests()), 0L)
})

test_that("a creds function supplies the keys, and new ones once STS calls them expired", {
  emulator <- test_emulator()
  calls <- 0
  creds <- function() {
    calls <<- calls + 1
    emulator$credentials(expires_in = 900)$creds[c("access_key_id", "secret_access_key", "session_token")]
  }
  svc <- rekognition(emulator$config, credentials = list(creds = creds))
  expect_identical(settled(liveness_direct(svc, some_id, page_role))$mode, "direct")
  emulator$advance(901)
  expect_identical(settled(liveness_direct(svc, some_id, page_role))$mode, "direct")
  expect_identical(calls, 2)
  expect_identical(assumed(emulator)$code, c(NA, "ExpiredToken", NA))

  broken <- rekognition(emulator$config, credentials = list(creds = function() stop("the vault is sealed")))
  error <- settled(liveness_direct(broken, some_id, page_role))
  expect_s3_class(error, "rekognition_credentials_error")
  expect_match(conditionMessage(error), "the vault is sealed")
})

test_that("a promise of a ticket can be canceled", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  emulator$fault("delay", seconds = 60)
  promise <- liveness_direct(svc, some_id, page_role)
  expect_true(liveness_cancel(promise))
  expect_s3_class(settled(promise), "rekognition_cancelled_error")
  expect_false(liveness_cancel(promise))
  emulator$fault("none")
  expect_identical(settled(liveness_direct(svc, some_id, page_role))$mode, "direct")
})

test_that("a client from a file can request tickets, and many at once", {
  emulator <- test_emulator()
  file <- withr::local_tempfile()
  saveRDS(rekognition(emulator$config), file)
  svc <- readRDS(file)
  promises <- lapply(1:20, function(i) liveness_direct(svc, paste0("session-", i), page_role))
  tickets <- settled(promises::promise_all(.list = promises))
  expect_identical(vapply(tickets, `[[`, "", "sessionId"), paste0("session-", 1:20))
  expect_identical(length(unique(vapply(tickets, function(ticket) ticket$credentials$accessKeyId, ""))), 20L)
})

test_that("nothing but the ticket contains its keys", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  withr::local_options(rekognition.log_level = "debug")
  ticket <- NULL
  log <- capture.output(type = "message", {
    promise <- liveness_direct(svc, some_id, page_role)
    ticket <- settled(promise)
    refused <- settled(liveness_direct(svc, some_id, "arn:aws:iam::1:role/liveness-page"))
  })
  expect_match(log, "AssumeRole: HTTP 200", all = FALSE)
  expect_match(log, "AssumeRole: HTTP 400 ValidationError", all = FALSE)
  shown <- c(log, capture.output(print(promise), str(promise), print(svc), str(refused), print(refused)))
  secrets <- c(unlist(ticket$credentials[1:3]), unlist(emulator$config$credentials$creds))
  for (secret in secrets) {
    expect_false(any(grepl(secret, shown, fixed = TRUE)))
  }
  expect_false(any(grepl(some_id, log, fixed = TRUE)))
})
