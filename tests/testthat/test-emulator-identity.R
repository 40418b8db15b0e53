# The lines that a script for boto3 prints about an emulator, split at the tabs.
flows_of_boto3 <- function(emulator) {
  keys <- emulator$config$credentials$creds
  withr::local_envvar(
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key,
    AWS_SESSION_TOKEN = NA
  )
  faces <- system.file("extdata", package = "rekognition")
  strsplit(run_python("boto3-emulator.py", c(emulator$url, shQuote(faces))), "\t")
}

test_that("applications with boto3 work on the emulator, and its responses are as botocore's model has them", {
  skip_without_boto3()
  lines <- flows_of_boto3(test_emulator())
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
