test_that("every operation has the arguments of the model", {
  skip_without_boto3()
  judge <- local_judge("arguments")
  svc <- judge$client("echo")
  expect_gte(length(judge$cases), 75)
  exports <- getNamespaceExports("rekognition")
  expect_no_findings(findings(judge$cases, function(case) {
    name <- paste0("rekognition_", case$operation)
    expected <- lapply(case$names, function(argument) {
      if (argument %in% case$required) quote(expr = ) else NULL
    })
    names(expected) <- case$names
    c(
      if (!identical(as.list(formals(svc[[case$operation]])), expected)) "svc$ has other arguments",
      if (!name %in% exports) {
        "it is not exported"
      } else if (!identical(as.list(formals(getExportedValue("rekognition", name))), expected)) {
        "the function of the default client has other arguments"
      }
    )
  }))
})

test_that("every operation sends what botocore sends", {
  skip_without_boto3()
  judge <- local_judge("inputs")
  expect_gte(length(judge$cases), 75 * exactness_cases)
  last <- exactness_cases - 1
  withr::local_envvar(
    AWS_ACCESS_KEY_ID = "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY = "secret",
    AWS_REGION = "us-east-1",
    AWS_ENDPOINT_URL_REKOGNITION = paste0(judge$url, "/ours/", last)
  )
  refused <- findings(judge$cases, function(case) {
    error <- caught(
      if (case$number == last) {
        do.call(getExportedValue("rekognition", paste0("rekognition_", case$operation)), case$arguments)
      } else {
        judge$call(case)
      }
    )
    if (inherits(error, "error")) paste0("<", class(error)[1], "> ", conditionMessage(error))
  })
  expect_no_findings(refused)
  expect_no_findings(judge$problems())
})

test_that("every operation returns the value that its shape demands", {
  skip_without_boto3()
  judge <- local_judge("responses")
  expect_gte(length(judge$cases), 75 * exactness_cases)
  expect_no_findings(findings(judge$cases, function(case) {
    value <- caught(judge$call(case))
    if (inherits(value, "error")) {
      return(paste0("<", class(value)[1], "> ", conditionMessage(value)))
    }
    # Without members, there may be names or none.
    if (length(case$value) == 0) {
      names(value) <- NULL
    }
    c(difference(value, case$value), unmarked(value))
  }))
})

test_that("a value of a wrong type in the response of an operation is a response error", {
  skip_without_boto3()
  judge <- local_judge("wrong")
  expect_gte(length(judge$cases), 75 * exactness_cases - 75)
  expect_no_findings(findings(judge$cases, function(case) {
    error <- caught(judge$call(case))
    is_right <- inherits(error, "rekognition_response_error") &&
      identical(error$status_code, 200L) &&
      identical(error$request_id, "some-id")
    if (!is_right) paste0(case$what, ": <", class(error)[1], ">, ", case$body)
  }))
})

test_that("a mistake in an argument is found by its path, before anything is sent", {
  skip_without_boto3()
  judge <- local_judge("mistakes")
  expect_gte(length(judge$cases), 75 * exactness_cases)
  expect_no_findings(findings(judge$cases, function(case) {
    error <- caught(judge$call(case))
    if (!inherits(error, "rekognition_argument_error")) {
      return(paste0(case$what, ": <", class(error)[1], ">"))
    }
    message <- conditionMessage(error)
    has_words <- vapply(case$words, grepl, NA, message, fixed = TRUE)
    if (!error$argument %in% case$paths || !all(has_words)) {
      paste0(case$what, ": argument \"", error$argument, "\", ", message)
    }
  }))
  expect_no_findings(judge$problems())
})
