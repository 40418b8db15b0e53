decisions_of <- function(results, decision) as.character(summary(results, decision = decision)$decisions)

test_that("a session passes, is reviewed or fails by its status and confidence", {
  # Scores 99.95, 89.99999, 90, 71.25, 12.5 and 95; one FAILED, one CREATED, one that does not exist.
  results <- reported_results()
  three <- c(review = 80, pass = 90)
  expected <- c("pass", "review", "pass", "fail", "fail", "pass", "fail", NA, NA)
  expect_identical(decisions_of(results, three), expected)
  expect_identical(decisions_of(results, rev(three)), expected)
  summed <- summary(results, decision = three)
  expect_identical(levels(summed$decisions), c("pass", "review", "fail"))
  expect_identical(levels(summary(results, decision = c(pass = 90))$decisions), c("pass", "fail"))
  expect_identical(
    decisions_of(results, c(pass = 90)),
    c("pass", "fail", "pass", "fail", "fail", "pass", "fail", NA, NA)
  )
  # An integer, and a threshold that all reach.
  expect_identical(decisions_of(results, c(pass = 0L))[1:7], rep(c("pass", "fail"), c(6, 1)))
})

test_that("a session without a known outcome has no decision", {
  results <- reported_results()
  results$status[1:5] <- c("EXPIRED", "IN_PROGRESS", "NEW_STATUS", "SUCCEEDED", "SUCCEEDED")
  results$confidence[4:5] <- c(NA, NaN)
  results$confidence[7] <- 99
  expect_identical(
    decisions_of(results, c(review = 1, pass = 50)),
    c("fail", NA, NA, NA, NA, "pass", "fail", NA, NA)
  )
  # A row that has both a status and an error was fetched.
  results$error_code[6] <- "rekognition_file_error"
  results$status <- factor(results$status)
  expect_identical(decisions_of(results, c(pass = 95))[6], "pass")
})

test_that("decisions are counted, and measured by labels", {
  results <- reported_results()
  summed <- summary(results, decision = c(review = 80, pass = 90))
  expect_identical(
    summed$decision,
    data.frame(
      decision = factor(c("pass", "review", "fail"), c("pass", "review", "fail")),
      from = c(90, 80, 0),
      sessions = c(3L, 1L, 3L),
      share = c(3, 1, 3) / 7
    )
  )
  # Of the attacks one passes and one fails. Sessions without a confidence are not counted: one that failed, and one that
  # does not exist.
  results$live <- c(TRUE, TRUE, FALSE, FALSE, TRUE, NA, TRUE, NA, FALSE)
  rates <- summary(results, decision = c(review = 80, pass = 90), label = "live")$decision
  expect_identical(rates$live, c(1L, 1L, 1L))
  expect_identical(rates$attacks, c(1L, 0L, 1L))
  expect_identical(rates$false_accept, c(1 / 2, NA, NA))
  expect_equal(rates$false_reject, c(NA, NA, 1 / 3))
  # There is no rate of none.
  results$live <- NA
  rates <- summary(results, decision = c(pass = 90), label = "live")$decision
  expect_identical(is.nan(rates$false_accept), c(TRUE, FALSE))
  expect_identical(is.nan(rates$false_reject), c(FALSE, TRUE))
  expect_identical(summary(results[0, ], decision = c(pass = 90))$decision$sessions, c(0L, 0L))
})

test_that("the error rates of decisions are those at their thresholds", {
  results <- reported_results()
  # One of the live people has no confidence, because the check failed.
  results$live <- c(TRUE, TRUE, FALSE, FALSE, TRUE, NA, TRUE, NA, FALSE)
  decision <- c(review = 80, pass = 90)
  summed <- summary(results, thresholds = decision, decision = decision, label = "live")
  expect_identical(summed$decision$false_accept[1], summed$thresholds$false_accept[2])
  expect_identical(summed$decision$false_reject[3], summed$thresholds$false_reject[1])
  expect_identical(sum(summed$decision$live), summed$thresholds$live[1])
  expect_identical(sum(summed$decision$attacks), summed$thresholds$attacks[1])
  text <- report_of(results, thresholds = decision, decision = decision, label = "live")
  # In a tile and in both tables.
  expect_identical(count_matches(">33.3%<", text), 3L)
  expect_output(print(summed), "error rates are of sessions with a confidence", fixed = TRUE)
  drawn <- text_in_plot(function() plot(results, "threshold", decision = decision, label = "live"))
  expect_true(all(c("review from 80: FA 50%, FR 33.3%", "pass from 90: FA 50%, FR 66.7%") %in% drawn))
})

test_that("a session in two rows is counted twice, which is stated", {
  results <- reported_results()
  expect_identical(summary(results)$unique_sessions, 9L)
  expect_no_match(report_of(results), "different)", fixed = TRUE)
  twice <- results[c(1:9, 1, 1), ]
  expect_identical(summary(twice)$unique_sessions, 9L)
  expect_output(print(summary(twice)), "sessions:   11 (9 different, 9 requests)", fixed = TRUE)
  expect_contains_text(report_of(twice), "<dt>sessions (9 different)</dt><dd>11</dd>")
})

test_that("there is no decision by default", {
  summed <- summary(reported_results())
  expect_null(summed[["decision"]])
  expect_null(summed$decisions)
  expect_no_match(capture.output(print(summed)), "decision")
})

test_that("a summary prints its decisions", {
  results <- reported_results()
  results$live <- c(TRUE, TRUE, FALSE, FALSE, TRUE, NA, TRUE, NA, FALSE)
  expect_snapshot({
    summary(results, decision = c(review = 80.5, pass = 95))
    summary(results[1:6, ], decision = c(pass = 90), label = "live")
  })
})

test_that("an invalid decision is an error that says what is expected", {
  results <- reported_results()
  invalid <- list(
    90,
    c(80, 95),
    c(review = 80),
    c(pass = 95, fail = 10),
    c(pass = 95, pass = 90),
    c(review = 80, review = 90, pass = 95),
    c(pass = "95"),
    list(pass = 95),
    c(pass = 101),
    c(pass = NA_real_),
    c(review = 0.8, pass = 0.95),
    c(review = 95, pass = 80),
    c(review = 90, pass = 90)
  )
  file <- withr::local_tempfile()
  for (decision in invalid) {
    for (error in list(
      caught(summary(results, decision = decision)),
      caught(plot(results, decision = decision)),
      caught(plot(results, "threshold", decision = decision)),
      caught(liveness_report(results, file, decision = decision))
    )) {
      expect_s3_class(error, "rekognition_argument_error")
      expect_identical(error$argument, "decision")
    }
  }
  expect_false(file.exists(file))
  expect_snapshot({
    show_error(summary(results, decision = 90))
    show_error(summary(results, decision = c(pass = 0.9)))
    show_error(summary(results, decision = c(review = 95, pass = 80)))
  })
  without <- results[c("session_id", "status", "reference_image")]
  for (error in list(
    caught(plot(without, decision = c(pass = 90))),
    caught(liveness_report(without, file, decision = c(pass = 90)))
  )) {
    expect_match(conditionMessage(error), "no column `confidence`", fixed = TRUE)
  }
})

test_that("every type of plot shows the decisions", {
  results <- reported_results(images = "drop")
  decision <- c(review = 80, pass = 90)
  captions <- text_in_plot(function() plot(results, decision = decision))
  for (caption in c(
    "pass: 99.95 SUCCEEDED",
    "review: 89.99 SUCCEEDED",
    "fail: 12.5 SUCCEEDED",
    "fail: FAILED"
  )) {
    expect_true(caption %in% captions, label = caption)
  }
  expect_match(captions, "^no decision: CREATED", all = FALSE)
  expect_no_match(text_in_plot(function() plot(results)), "pass|decision")
  for (type in c("confidence", "threshold")) {
    drawn <- text_in_plot(function() plot(results, type, thresholds = c(90, 95), decision = decision))
    expect_match(drawn, "^review from 80", all = FALSE)
    expect_match(drawn, "^95: 33.3%", all = FALSE)
    # A threshold of a decision has one label.
    expect_match(drawn, "^pass from 90: 50%", all = FALSE)
    expect_no_match(drawn, "^90")
    expect_match(drawn, "3 pass, 1 review, 3 fail, 2 without a decision", fixed = TRUE, all = FALSE)
    drawn <- text_in_plot(function() plot(results, type, decision = c(pass = 99.5)))
    expect_match(drawn, "^pass from 99.5", all = FALSE)
    expect_no_match(drawn, "review|95")
  }
})
