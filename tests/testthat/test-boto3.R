some_ids <- function(n) sprintf("00000000-0000-4000-8000-%012x", seq_len(n))

test_that("boto3 and this package return the same for valid responses", {
  skip_without_boto3()
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- some_ids(1000)
  withr::with_seed(20230410, {
    for (id in ids) {
      emulator$put_result(id, random_response())
    }
  })
  ours <- our_results(svc, ids)
  expect_gt(length(ours), 10000)
  expect_false(any(grepl("error$", ours, fixed = TRUE)))
  expect_setequal(ours, ask_boto3(emulator, ids))
})

test_that("boto3 and this package return the same for the emulator's own responses", {
  skip_without_boto3()
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- vapply(
    0:4,
    function(n) {
      svc$create_face_liveness_session(Settings = list(AuditImagesLimit = n))$SessionId
    },
    ""
  )
  to_s3 <- list(AuditImagesLimit = 1, OutputConfig = list(S3Bucket = "bucket", S3KeyPrefix = "p"))
  ids[6] <- svc$create_face_liveness_session(Settings = to_s3)$SessionId
  for (id in ids[-2]) {
    emulator$check(id)
  }
  expect_setequal(our_results(svc, ids), ask_boto3(emulator, ids))
})

test_that("boto3 and this package report the same errors", {
  skip_without_boto3()
  emulator <- test_emulator()
  svc <- rekognition(c(emulator$config, max_retries = 0))
  bodies <- c(
    '{"__type":"SessionNotFoundException","Code":"SessionNotFoundException","Message":"m"}',
    '{"__type":"com.amazonaws.rekognition#SessionNotFoundException","message":"100 % \\u00e9"}',
    '{"__type":"AccessDeniedException:http://x/","message":"m"}'
  )
  ids <- some_ids(length(bodies) + 1)
  for (i in seq_along(bodies)) {
    emulator$put_result(ids[i], bodies[i], status_code = 400)
  }
  without_request <- function(lines) grep("error$request", lines, fixed = TRUE, value = TRUE, invert = TRUE)
  ours <- our_results(svc, c(ids, "x"))
  expect_setequal(without_request(ours), without_request(ask_boto3(emulator, c(ids, "x"))))
})

test_that("the emulator accepts and refuses what boto3 signs", {
  skip_without_boto3()
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  temporary <- emulator$credentials()
  expect_match(ask_boto3(emulator, id, temporary), id, fixed = TRUE)
  wrong <- list(
    creds = list(
      access_key_id = temporary$creds$access_key_id,
      secret_access_key = "x",
      session_token = temporary$creds$session_token
    )
  )
  refused <- ask_boto3(emulator, id, wrong)
  expect_match(refused[1], hex(charToRaw("InvalidSignatureException")), fixed = TRUE)
})

# A request of `operation` in which the member at `path` is `value`; NULL leaves it out. What is required beside it
# is there.
ask_with <- function(svc, operation, path, value) {
  if (operation == "GetFaceLivenessSessionResults") {
    return(svc$get_face_liveness_session_results(value))
  }
  version <- function(name) structure(list(value), names = name)
  preference <- list(Type = "FaceMovementChallenge")
  switch(
    path,
    "$KmsKeyId" = svc$create_face_liveness_session(KmsKeyId = value),
    "$ClientRequestToken" = svc$create_face_liveness_session(ClientRequestToken = value),
    svc$create_face_liveness_session(
      Settings = switch(
        path,
        "$Settings$AuditImagesLimit" = list(AuditImagesLimit = value),
        "$Settings$OutputConfig$S3Bucket" = list(OutputConfig = list(S3Bucket = value)),
        "$Settings$OutputConfig$S3KeyPrefix" = list(
          OutputConfig = list(S3Bucket = "bucket", S3KeyPrefix = value)
        ),
        "$Settings$ChallengePreferences[]$Type" = list(ChallengePreferences = list(list(Type = value))),
        "$Settings$ChallengePreferences[]$Versions$Minimum" = list(
          ChallengePreferences = list(c(preference, list(Versions = version("Minimum"))))
        ),
        "$Settings$ChallengePreferences[]$Versions$Maximum" = list(
          ChallengePreferences = list(c(preference, list(Versions = version("Maximum"))))
        )
      )
    )
  )
}

test_that("the emulator holds requests to the service's model", {
  skip_without_boto3()
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  model <- read.delim(
    text = run_python("boto3-model.py"),
    header = FALSE,
    quote = "",
    col.names = c("operation", "path", "kind", "value"),
    colClasses = "character"
  )
  # What is required is checked by arguments here; a list that is absent is not.
  model <- model[model$kind != "required" & model$value != "0", ]
  expect_gt(nrow(model), 15)
  for (i in seq_len(nrow(model))) {
    constraint <- model[i, ]
    is_number <- constraint$path == "$Settings$AuditImagesLimit"
    bound <- suppressWarnings(as.numeric(constraint$value))
    case <- switch(
      constraint$kind,
      min = list(strrep("a", bound - 1), paste("greater than or equal to", constraint$value)),
      max = list(
        if (is_number) bound + 1 else strrep("a", bound + 1),
        paste("less than or equal to", constraint$value)
      ),
      pattern = list(" ", paste("satisfy regular expression pattern:", constraint$value)),
      enum = list("X", paste0("satisfy enum value set: [", constraint$value, "]"))
    )
    error <- caught(ask_with(svc, constraint$operation, constraint$path, case[[1]]))
    expect_s3_class(error, "ValidationException")
    expect_match(conditionMessage(error), case[[2]], fixed = TRUE)
  }
})
