config_error <- function(...) {
  error <- caught(rekognition(...))
  expect_s3_class(error, "rekognition_config_error")
  error
}

region_of <- function(svc) {
  client_describe(environment(svc$get_face_liveness_session_results)$handle$client)$region
}

test_that("shortcuts take precedence over config, and credentials are merged field by field", {
  emulator <- test_emulator()
  config <- emulator$config
  keys <- config$credentials$creds
  config$region <- "eu-west-1"
  config$endpoint <- "http://127.0.0.1:1"
  config$credentials$creds$secret_access_key <- "wrong"
  svc <- rekognition(
    config,
    credentials = list(creds = list(secret_access_key = keys$secret_access_key)),
    endpoint = emulator$url,
    region = "us-east-1"
  )
  expect_identical(svc$get_face_liveness_session_results(new_session(svc))$Status, "CREATED")
})

test_that("an unknown setting is an error with near misses", {
  error <- config_error(config = list(regoin = "us-east-1"))
  expect_identical(error$setting, "regoin")
  expect_match(conditionMessage(error), "`region`", fixed = TRUE)
  error <- config_error(config = list(retries = 1))
  expect_match(conditionMessage(error), "`max_retries`", fixed = TRUE)
  error <- config_error(config = list(credentials = list(creds = list(access_key = "A"))))
  expect_match(conditionMessage(error), "`access_key_id`", fixed = TRUE)
  error <- config_error(credentials = list(creds = list(access_key = "A")))
  expect_identical(error$setting, "access_key")
  config_error(credentials = list(keys = list()))
  config_error(config = list(zzz = 1))
  config_error(config = list("us-east-1"))
  config_error(config = list(region = "us-east-1", region = "eu-west-1"))
})

test_that("a setting of the wrong type is an error that names it", {
  bad <- list(
    region = 5,
    region = c("us-east-1", "eu-west-1"),
    region = NA,
    region = NA_character_,
    endpoint = TRUE,
    connect_timeout = "10",
    connect_timeout = -1,
    connect_timeout = 0,
    timeout = NA,
    read_timeout = Inf,
    operation_timeout = c(1, 2),
    max_retries = -1,
    max_retries = 1.5,
    max_retries = "3",
    retry_mode = 1,
    close_connection = "yes",
    close_connection = NA,
    ca_bundle = 1,
    proxy = list(),
    use_fips = "true",
    use_dualstack = 1,
    app_name = TRUE
  )
  for (i in seq_along(bad)) {
    error <- config_error(config = bad[i])
    expect_identical(error$setting, names(bad)[i])
    expect_match(conditionMessage(error), names(bad)[i], fixed = TRUE)
  }
  expect_identical(config_error(region = 5)$setting, "region")
  expect_identical(config_error(config = "us-east-1")$setting, "config")
  expect_identical(config_error(credentials = "key")$setting, "credentials")
  expect_identical(
    config_error(config = list(credentials = list(creds = "x")))$setting,
    "config$credentials$creds"
  )
  expect_identical(config_error(credentials = list(profile = 1))$setting, "profile")
  expect_identical(config_error(credentials = list(anonymous = "yes"))$setting, "anonymous")
  secret <- config_error(credentials = list(creds = list(access_key_id = "A", secret_access_key = 12345)))
  expect_no_match(conditionMessage(secret), "12345")
})

test_that("an invalid value is an error that names its source", {
  error <- config_error(region = "us east 1")
  expect_identical(error$setting, "region")
  expect_match(conditionMessage(error), "the client's configuration")
  expect_identical(config_error(endpoint = "127.0.0.1:80")$setting, "endpoint")
  expect_identical(config_error(config = list(retry_mode = "legacy"))$setting, "retry_mode")
  expect_identical(config_error(config = list(app_name = "my app/1"))$setting, "app_name")
  expect_identical(
    config_error(credentials = list(creds = list(access_key_id = "A")))$setting,
    "secret_access_key"
  )
  newline <- config_error(credentials = list(creds = list(access_key_id = "AK\n", secret_access_key = "s")))
  expect_identical(newline$setting, "access_key_id")
  expect_identical(
    config_error(config = list(endpoint = "http://127.0.0.1:1", use_fips = TRUE))$setting,
    "use_fips"
  )

  for (bad in list(
    c(AWS_MAX_ATTEMPTS = "abc"),
    c(AWS_MAX_ATTEMPTS = "0"),
    c(AWS_ENDPOINT_URL = "localhost"),
    c(AWS_REGION = "us_east"),
    c(AWS_ACCESS_KEY_ID = "AK\nIA"),
    c(AWS_PROFILE = "missing"),
    c(AWS_USE_FIPS_ENDPOINT = "perhaps")
  )) {
    local({
      withr::local_envvar(bad)
      expect_match(conditionMessage(config_error()), names(bad), fixed = TRUE)
    })
  }
})

test_that("a shared file that cannot be read is an error, not an empty file", {
  file <- withr::local_tempfile()
  writeBin(
    c(charToRaw("[default]\n# caf"), as.raw(0xe9), charToRaw("\nendpoint_url = http://127.0.0.1:5\n")),
    file
  )
  for (variable in c("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")) {
    for (bad in c(file, tempdir())) {
      local({
        withr::local_envvar(structure(bad, names = variable))
        expect_match(conditionMessage(config_error(region = "us-east-1")), basename(bad), fixed = TRUE)
      })
    }
  }
})

test_that("an endpoint with a password is refused and not shown, however it is spelled", {
  for (url in c(
    "user:hunter2@host:80",
    "ftp://u:hunter2@h",
    "https://u:hun/hunter2@h",
    "http://u:hunter2@h"
  )) {
    expect_no_match(conditionMessage(config_error(endpoint = url)), "hunter2")
  }
})

test_that("an empty endpoint is an error", {
  skip_if(.Platform$OS.type == "windows", "a variable that is set to nothing is not set on Windows")
  withr::local_envvar(AWS_ENDPOINT_URL = "")
  expect_match(conditionMessage(config_error()), "AWS_ENDPOINT_URL", fixed = TRUE)
})

test_that("settings come from the call, the environment and the files, in that order", {
  withr::local_envvar(
    AWS_CONFIG_FILE = local_file(c(
      "[default]",
      "region = sa-east-1",
      "[profile work]",
      "region = ap-south-1"
    ))
  )
  expect_identical(region_of(rekognition()), "sa-east-1")
  expect_identical(region_of(rekognition(credentials = list(profile = "work"))), "ap-south-1")
  withr::local_envvar(AWS_REGION = "us-west-2")
  expect_identical(region_of(rekognition()), "us-west-2")
  expect_identical(region_of(rekognition(region = "eu-west-1")), "eu-west-1")
  expect_identical(region_of(rekognition(config = list(region = ""))), "us-west-2")
  expect_identical(region_of(rekognition(config = NULL, credentials = NULL)), "us-west-2")
})

test_that("files with Windows line endings are read", {
  emulator <- test_emulator()
  keys <- emulator$config$credentials$creds
  lines <- c(
    "[profile work]",
    "region = us-east-1",
    paste("endpoint_url =", emulator$url),
    paste("aws_access_key_id =", keys$access_key_id),
    paste("aws_secret_access_key =", keys$secret_access_key)
  )
  path <- withr::local_tempfile()
  writeBin(charToRaw(paste0(lines, "\r\n", collapse = "")), path)
  withr::local_envvar(AWS_CONFIG_FILE = path)
  svc <- rekognition(credentials = list(profile = "work"))
  expect_identical(svc$get_face_liveness_session_results(new_session(svc))$Status, "CREATED")
})

test_that("a named profile is used even if the environment contains keys", {
  emulator <- test_emulator()
  keys <- emulator$config$credentials$creds
  withr::local_envvar(
    AWS_ACCESS_KEY_ID = "AKIANOBODY",
    AWS_SECRET_ACCESS_KEY = "x",
    AWS_SHARED_CREDENTIALS_FILE = local_file(c(
      "[work]",
      paste("aws_access_key_id =", keys$access_key_id),
      paste("aws_secret_access_key =", keys$secret_access_key)
    ))
  )
  endpoint <- list(endpoint = emulator$url, region = "us-east-1")
  svc <- rekognition(endpoint, credentials = list(profile = "work"))
  expect_identical(svc$get_face_liveness_session_results(new_session(svc))$Status, "CREATED")
  expect_error(new_session(rekognition(endpoint)), class = "UnrecognizedClientException")
})

test_that("a credential_process is run", {
  emulator <- test_emulator()
  withr::local_envvar(
    AWS_CONFIG_FILE = local_file(c("[default]", paste("credential_process =", keys_command(emulator))))
  )
  svc <- rekognition(endpoint = emulator$url, region = "us-east-1")
  expect_identical(svc$get_face_liveness_session_results(new_session(svc))$Status, "CREATED")
})

test_that("unsupported settings of paws are ignored with one warning", {
  idle <- list(s3_force_path_style = TRUE, signature_version = "v4", region = "us-east-1")
  warnings <- testthat::capture_warnings(rekognition(config = idle))
  expect_length(warnings, 1)
  expect_match(warnings, "`s3_force_path_style`, `signature_version`", fixed = TRUE)
  expect_warning(rekognition(config = list(sts_regional_endpoint = "legacy")), "sts_regional_endpoint")
  # The lists that helpers of paws return, with all their defaults.
  expect_silent(rekognition(
    config = list(
      credentials = list(
        creds = list(access_key_id = "A", secret_access_key = "s", session_token = ""),
        profile = "",
        anonymous = FALSE
      ),
      endpoint = "",
      region = "us-east-1",
      close_connection = FALSE,
      max_retries = 3,
      connect_timeout = 60,
      s3_force_path_style = FALSE,
      sts_regional_endpoint = "",
      signature_version = ""
    )
  ))
})

test_that("`timeout` is an alias of `connect_timeout`", {
  expect_silent(rekognition(config = list(timeout = 5)))
  expect_silent(rekognition(config = list(timeout = 5, connect_timeout = 5)))
  expect_identical(config_error(config = list(timeout = 5, connect_timeout = 6))$setting, "timeout")
})

test_that("max_retries limits the requests", {
  emulator <- test_emulator()
  for (n in 0:2) {
    svc <- rekognition(c(emulator$config, max_retries = n))
    emulator$fault("error", times = 3, code = "InternalServerError", status_code = 500)
    error <- caught(svc$get_face_liveness_session_results(some_id))
    emulator$fault("none")
    expect_s3_class(error, "InternalServerError")
    expect_identical(error$attempts, n + 1L)
  }
  expect_equal(nrow(emulator$requests()), 1 + 2 + 3)
})

test_that("calls work if each closes its connection", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, close_connection = TRUE))
  id <- new_session(svc)
  expect_identical(svc$get_face_liveness_session_results(id)$Status, "CREATED")
})

test_that("the application's name is in the user agent", {
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, app_name = "bank-1.0"))
  new_session(svc)
  expect_match(emulator$requests()$user_agent, "app/bank-1.0", fixed = TRUE)
})

test_that("an unreadable CA bundle is an error that names the file", {
  emulator <- test_emulator()
  for (bundle in list(local_file("no certificate"), "/no/such/bundle.pem")) {
    svc <- rekognition(c(emulator$config, ca_bundle = bundle))
    error <- caught(svc$get_face_liveness_session_results(some_id))
    expect_s3_class(error, "rekognition_config_error")
    expect_identical(error$setting, "ca_bundle")
    expect_match(conditionMessage(error), basename(bundle), fixed = TRUE)
  }
})

test_that("text without a valid encoding is refused before it reaches native code", {
  bytes <- "abc\xe9"
  Encoding(bytes) <- "bytes"
  for (name in c("region", "endpoint", "app_name", "retry_mode", "proxy", "ca_bundle")) {
    expect_identical(config_error(config = structure(list(bytes), names = name))$setting, name)
  }
  config_error(config = structure(list(1), names = bytes))
  config_error(config = structure(list(1), names = "a\xe9"))
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  expect_error(svc$get_face_liveness_session_results(bytes), class = "rekognition_argument_error")
  expect_error(svc$create_face_liveness_session(KmsKeyId = bytes), class = "rekognition_argument_error")
  expect_error(emulator$check(some_id, feedback = bytes), class = "rekognition_argument_error")
  expect_error(rekognition_emulator(region = bytes), class = "rekognition_argument_error")
  expect_equal(nrow(emulator$requests()), 0)
})

test_that("the lists that helpers of paws return are accepted", {
  struct <- function(...) structure(list(...), class = "struct")
  config <- struct(
    credentials = struct(creds = struct(access_key_id = "A", secret_access_key = "s", provider_name = "")),
    region = "eu-west-1"
  )
  expect_identical(region_of(expect_silent(rekognition(config))), "eu-west-1")
})

test_that("unsupported settings in `credentials` are warned about like those in `config`", {
  creds <- list(access_key_id = "A", secret_access_key = "s", access_token = "t", expiration = 5)
  for (given in list(
    list(credentials = list(creds = creds)),
    list(config = list(credentials = list(creds = creds)))
  )) {
    warnings <- testthat::capture_warnings(do.call(rekognition, given))
    expect_length(warnings, 1)
    expect_match(warnings, "`access_token`, `expiration`", fixed = TRUE)
  }
})

test_that("an invalid endpoint of a credential service is found before a token is sent, and no token is shown", {
  token <- local_file("TOPSECRETWEBTOKEN")
  withr::local_envvar(
    AWS_ROLE_ARN = "arn:aws:iam::111122223333:role/x",
    AWS_WEB_IDENTITY_TOKEN_FILE = token,
    AWS_REGION = "us-east-1"
  )
  for (bad in c("", "127.0.0.1:1")) {
    withr::local_envvar(AWS_ENDPOINT_URL_STS = bad)
    expect_match(conditionMessage(config_error()), "AWS_ENDPOINT_URL_STS", fixed = TRUE)
  }
  withr::local_envvar(AWS_ENDPOINT_URL_STS = "http://127.0.0.1:1")
  svc <- rekognition(list(max_retries = 0))
  error <- caught(svc$get_face_liveness_session_results(some_id))
  expect_s3_class(error, "rekognition_credentials_error")
  expect_no_match(conditionMessage(error), "TOPSECRET")
})

test_that("credentials that are set after a failure are used", {
  emulator <- test_emulator()
  svc <- rekognition(endpoint = emulator$url, region = "us-east-1")
  expect_error(new_session(svc), class = "rekognition_credentials_error")
  keys <- emulator$config$credentials$creds
  withr::local_envvar(
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key
  )
  expect_match(new_session(svc), "^[0-9a-f-]{36}$")
})

test_that("a variable that is not UTF-8 is an error that names it, and no request goes elsewhere", {
  skip_on_os("windows")
  for (variable in c("AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO")) {
    error <- withr::with_envvar(
      setNames("http://\xff", variable),
      expect_error(rekognition(region = "us-east-1"), class = "rekognition_config_error")
    )
    expect_identical(error$setting, variable)
  }
})
