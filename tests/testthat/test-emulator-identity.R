# The lines that a script for boto3 prints about an emulator.
judgement_of_boto3 <- function(script, emulator, ...) {
  keys <- emulator$config$credentials$creds
  withr::local_envvar(
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key,
    AWS_SESSION_TOKEN = NA
  )
  run_python(script, c(emulator$url, ...))
}

test_that("applications with boto3 work on the emulator, and its responses are as botocore's model has them", {
  skip_without_boto3()
  faces <- system.file("extdata", package = "rekognition")
  lines <- strsplit(judgement_of_boto3("boto3-emulator.py", test_emulator(), shQuote(faces)), "\t")
  flows <- lines[-length(lines)]
  expect_gte(length(flows), 5)
  outcomes <- stats::setNames(vapply(flows, `[`, "", 2), vapply(flows, `[`, "", 1))
  expect_identical(outcomes[outcomes != "ok"], outcomes[0])
  expect_setequal(
    lines[[length(lines)]][-1],
    c(
      "AssociateFaces",
      "CompareFaces",
      "CreateCollection",
      "CreateUser",
      "DeleteCollection",
      "DeleteFaces",
      "DeleteUser",
      "DescribeCollection",
      "DetectFaces",
      "DetectLabels",
      "DisassociateFaces",
      "IndexFaces",
      "ListCollections",
      "ListFaces",
      "ListTagsForResource",
      "ListUsers",
      "SearchFaces",
      "SearchFacesByImage",
      "SearchUsers",
      "SearchUsersByImage",
      "TagResource",
      "UntagResource"
    )
  )
})

test_that("inputs that break one constraint of botocore's model are refused for it, and others are not", {
  skip_without_boto3()
  lines <- judgement_of_boto3("boto3-bounds.py", test_emulator())
  counts <- as.numeric(strsplit(lines[length(lines)], "\t")[[1]])
  expect_identical(lines[-length(lines)], character())
  expect_identical(counts[1], 75)
  expect_gt(counts[2], 1500)
})
