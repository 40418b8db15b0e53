liveness_only <- '{"Version": "2012-10-17", "Statement": [{
  "Effect": "Allow", "Action": "rekognition:StartFaceLivenessSession", "Resource": "*"
}]}'

# A client whose profile assumes a role at the emulator.
role_client <- function(emulator, settings = character(), ..., frame = parent.frame()) {
  keys <- emulator$config$credentials$creds
  file <- local_file(
    c(
      "[profile base]",
      paste("aws_access_key_id =", keys$access_key_id),
      paste("aws_secret_access_key =", keys$secret_access_key),
      "[profile reviewer]",
      "role_arn = arn:aws:iam::111122223333:role/Reviewer",
      "source_profile = base",
      settings
    ),
    frame
  )
  withr::local_envvar(AWS_CONFIG_FILE = file, AWS_ENDPOINT_URL_STS = emulator$url, .local_envir = frame)
  rekognition(
    list(endpoint = emulator$url, region = emulator$config$region, ...),
    credentials = list(profile = "reviewer")
  )
}

test_that("boto3 assumes roles at the emulator, and gets the errors of STS", {
  skip_without_boto3()
  emulator <- test_emulator()
  keys <- emulator$config$credentials$creds
  withr::local_envvar(AWS_ACCESS_KEY_ID = keys$access_key_id, AWS_SECRET_ACCESS_KEY = keys$secret_access_key)
  lines <- run_python("boto3-sts.py", emulator$url)
  expect_identical(lines, paste0(c("roles", "policies", "chains", "refusals"), "\tok"))
})

test_that("a profile with a role assumes it at the emulator, and again once its keys have expired", {
  emulator <- test_emulator()
  svc <- role_client(emulator, c("role_session_name = me", "duration_seconds = 900", "external_id = 1234"))
  svc$list_collections()
  emulator$advance(901)
  svc$list_collections()
  requests <- emulator$requests()
  listed <- "ListCollections"
  expect_identical(requests$operation, c("AssumeRole", listed, listed, "AssumeRole", listed))
  expect_identical(requests$code, c(NA, NA, "ExpiredTokenException", NA, NA))
  expect_identical(requests$access_key_id[c(1, 4)], rep(emulator$config$credentials$creds$access_key_id, 2))
  expect_match(requests$access_key_id[2], "^ASIA")
})

test_that("with local_emulator(), roles of the default client are assumed at the emulator", {
  emulator <- local_emulator()
  file <- local_file(c(
    "[profile reviewer]",
    "role_arn = arn:aws:iam::111122223333:role/Reviewer",
    "credential_source = Environment"
  ))
  withr::local_envvar(AWS_CONFIG_FILE = file)
  svc <- rekognition(credentials = list(profile = "reviewer"))
  expect_identical(svc$list_collections()$CollectionIds, list())
  expect_identical(emulator$requests()$operation, c("AssumeRole", "ListCollections"))
})

test_that("faults are injected into requests to STS, too", {
  emulator <- test_emulator()
  svc <- role_client(emulator)
  emulator$fault("throttle")
  svc$list_collections()
  requests <- emulator$requests()
  expect_identical(requests$operation, c("AssumeRole", "AssumeRole", "ListCollections"))
  expect_identical(requests$code, c("ThrottlingException", NA, NA))

  emulator$fault("error", code = "RegionDisabledException", message = "<closed> & locked", status_code = 403)
  error <- caught(role_client(emulator)$list_collections())
  expect_s3_class(error, "rekognition_credentials_error")
  expect_match(conditionMessage(error), "RegionDisabledException")
  expect_match(conditionMessage(error), "<closed> & locked", fixed = TRUE)
})

test_that("credentials() with a policy may do only what it allows", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config, credentials = emulator$credentials(policy = liveness_only))
  error <- caught(svc$create_face_liveness_session())
  expect_s3_class(error, "AccessDeniedException")
  expect_identical(error$status_code, 400L)
  expect_match(
    conditionMessage(error),
    paste(
      "User: arn:aws:sts::111122223333:assumed-role/emulator/credentials is not authorized to perform:",
      "rekognition:CreateFaceLivenessSession because no session policy allows the",
      "rekognition:CreateFaceLivenessSession action"
    ),
    fixed = TRUE
  )
  expect_identical(emulator$requests()$code, "AccessDeniedException")
  anything <- rekognition(emulator$config, credentials = emulator$credentials())
  expect_identical(anything$list_collections()$CollectionIds, list())

  emulator$advance(901)
  expect_error(svc$create_face_liveness_session(), class = "ExpiredTokenException")
})

test_that("a policy can name a collection", {
  emulator <- test_emulator()
  owner <- rekognition(config = emulator$config)
  owner$create_collection("people")
  owner$create_collection("dogs")
  arn <- owner$describe_collection("people")$CollectionARN
  policy <- sprintf(
    '{"Statement": [{"Effect": "Allow", "Action": ["rekognition:List*", "rekognition:Delete*"], "Resource": "%s"},
      {"Effect": "Deny", "Action": "rekognition:DeleteCollection", "Resource": "*"}]}',
    arn
  )
  svc <- rekognition(emulator$config, credentials = emulator$credentials(policy = policy))
  expect_identical(svc$list_faces("people")$Faces, list())
  expect_error(svc$list_faces("dogs"), "collection/dogs", class = "AccessDeniedException")
  expect_error(svc$list_collections(), class = "AccessDeniedException")
  expect_error(svc$delete_collection("people"), "explicit deny", class = "AccessDeniedException")
})

test_that("a policy that cannot be used is an error of `policy`", {
  emulator <- test_emulator()
  with_statement <- function(statement) sprintf('{"Version": "2012-10-17", "Statement": %s}', statement)
  allow <- '"Effect": "Allow", "Action": "*", "Resource": "*"'
  bad <- c(
    "not valid JSON" = "{",
    "Statement" = "{}",
    "Effect" = with_statement('{"Action": "*", "Resource": "*"}'),
    "Condition" = with_statement(sprintf('{%s, "Condition": {}}', allow)),
    "2048" = with_statement(sprintf('{%s, "Sid": "%s"}', allow, strrep("x", 2048)))
  )
  for (word in names(bad)) {
    error <- caught(emulator$credentials(policy = bad[[word]]))
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, "policy")
    expect_match(conditionMessage(error), word)
  }
  expect_error(
    emulator$credentials(policy = list()),
    "`policy` must be a string",
    class = "rekognition_argument_error"
  )
})

test_that("an emulator accepts keys that were given, and shows neither", {
  keys <- list(access_key_id = "dev", secret_access_key = "to/the+moon=1")
  emulator <- test_emulator(credentials = keys)
  expect_identical(emulator$config$credentials$creds, keys)
  expect_identical(rekognition(config = emulator$config)$list_collections()$CollectionIds, list())
  shown <- c(capture.output(print(emulator)), capture.output(str(emulator)))
  expect_false(any(grepl("to/the", shown)))

  for (bad in list("x", list("a", "b"), list(access_key_id = "dev"), list(secret = "x"))) {
    expect_error(rekognition_emulator(credentials = bad), class = "rekognition_argument_error")
  }
  for (name in names(keys)) {
    for (value in list("", "a b", "a\nb", "a\"b", NA, 1, "\u00e9")) {
      keys[[name]] <- value
      error <- caught(rekognition_emulator(credentials = keys))
      expect_s3_class(error, "rekognition_argument_error")
      expect_match(conditionMessage(error), paste0("`credentials$", name, "`"), fixed = TRUE)
    }
    keys[[name]] <- "dev"
  }
})

test_that("pages of other origins can use the emulator", {
  skip_if_not_installed("curl")
  emulator <- test_emulator()
  send <- function(method, ...) {
    handle <- curl::new_handle(customrequest = method, noproxy = "*")
    curl::handle_setheaders(handle, origin = "http://localhost:3000", ...)
    response <- curl::curl_fetch_memory(emulator$url, handle)
    list(status = response$status_code, headers = curl::parse_headers_list(response$headers))
  }
  emulator$fault("close")
  asked <- send(
    "OPTIONS",
    `access-control-request-method` = "POST",
    `access-control-request-headers` = "authorization,x-amz-date,x-amz-target",
    `access-control-request-private-network` = "true"
  )
  expect_identical(asked$status, 204L)
  expect_identical(asked$headers[["access-control-allow-origin"]], "*")
  expect_match(asked$headers[["access-control-allow-methods"]], "POST")
  expect_identical(asked$headers[["access-control-allow-headers"]], "authorization,x-amz-date,x-amz-target")
  expect_identical(asked$headers[["access-control-allow-private-network"]], "true")
  expect_identical(nrow(emulator$requests()), 0L)

  emulator$fault("none")
  refused <- send("POST")
  expect_identical(refused$status, 400L)
  expect_identical(refused$headers[["access-control-allow-origin"]], "*")
  expect_match(refused$headers[["access-control-expose-headers"]], "x-amzn-requestid")
  refused <- send("POST", `content-type` = "application/x-www-form-urlencoded")
  expect_identical(refused$status, 403L)
  expect_identical(refused$headers[["content-type"]], "text/xml")
})
