decision <- c(review = 80, pass = 90)

# What the report says it shows, as a named vector.
report_facts <- function(text) {
  pattern <- "<div><dt>([^<]*)</dt><dd>([^<]*)</dd></div>"
  facts <- regmatches(text, regexpr("(?s)<dl class=\"facts\">.*?</dl>", text, perl = TRUE))
  facts <- regmatches(facts, gregexpr(pattern, facts))[[1]]
  stats::setNames(sub(pattern, "\\2", facts), sub(pattern, "\\1", facts))
}

# The text in cells, without tags.
cell_texts <- function(cells) {
  gsub("<[^>]*>", "", cells)
}

test_that("a report has the decision of each session, after its ID", {
  results <- reported_results()
  text <- report_of(results, decision = decision)
  badges <- report_cells(text, "Decision")
  expected <- c("pass", "review", "pass", "fail", "fail", "pass", "fail", "no decision", "no decision")
  expect_identical(cell_texts(badges), expected)
  classes <- sub("<span class=\"badge ([a-z]+)\">.*", "\\1", badges)
  kinds <- c(pass = "good", review = "unsure", fail = "bad", `no decision` = "neutral")
  expect_identical(classes, unname(kinds[expected]))
  columns <- regmatches(text, gregexpr("data-label=\"[^\"]*\"", text))[[1]][1:3]
  expect_identical(columns, paste0("data-label=\"", c("Session", "Decision", "Status"), "\""))
  expect_no_match(report_of(results), "Decision|no decision|review from")
})

test_that("a status of SUCCEEDED is never green", {
  results <- reported_results()
  for (text in list(report_of(results), report_of(results, decision = decision))) {
    status <- report_cells(text, "Status")
    expect_identical(status[1:6], rep("<span class=\"badge neutral\">SUCCEEDED</span>", 6))
    expect_no_match(status, "good")
  }
})

test_that("a report counts decisions, and has their error rates if there are labels", {
  results <- reported_results()
  text <- report_of(results, decision = decision)
  for (tile in c(
    "<div class=\"pass\"><dt>pass</dt><dd>3</dd>",
    "<div class=\"review\"><dt>review</dt><dd>1</dd>",
    "<div class=\"fail\"><dt>fail</dt><dd>3</dd>",
    "<dt>without a decision</dt><dd>2</dd>",
    "from 90</td><td>3</td><td>42.9%</td></tr>",
    "from 80</td><td>1</td><td>14.3%</td></tr>",
    "below 80</td><td>3</td><td>42.9%</td></tr>",
    "; pass from 90; review from 80; 3 pass, 1 review, 3 fail, 2 without a decision"
  )) {
    expect_contains_text(text, tile)
  }
  expect_no_match(text, "False accept|false accept")
  results$live <- c(TRUE, TRUE, FALSE, FALSE, TRUE, NA, TRUE, NA, FALSE)
  text <- report_of(results, decision = decision, label = "live")
  expect_contains_text(
    text,
    "from 90</td><td>3</td><td>42.9%</td><td>1</td><td>1</td><td>50%</td><td></td></tr>"
  )
  expect_contains_text(
    text,
    "below 80</td><td>3</td><td>42.9%</td><td>1</td><td>1</td><td></td><td>33.3%</td></tr>"
  )
  expect_contains_text(text, "<dt>false accept</dt><dd>50%</dd>")
  results$live <- NA
  text <- report_of(results, decision = c(pass = 90), label = "live")
  expect_contains_text(text, "<td>no attacks</td>")
  expect_contains_text(text, "<td>no live people</td>")
})

test_that("a report says what it shows", {
  results <- reported_results()
  results$region <- "eu-west-1"
  results$retrieved_at <- as.POSIXct("2026-01-31 23:59:50", tz = "UTC") + 0:8 * 10
  text <- report_of(
    results,
    decision = decision,
    thresholds = c(95, 70.5),
    reason = "Payments <of up to> 100 euros.",
    author = "Ada & Ben"
  )
  facts <- report_facts(text)
  created <- as.POSIXct(facts[["Created"]], tz = "UTC", format = "%Y-%m-%d %H:%M:%S UTC")
  expect_lt(abs(as.double(difftime(Sys.time(), created, units = "hours"))), 1)
  expect_identical(
    facts[names(facts) != "Created"],
    c(
      Region = "eu-west-1",
      Fetched = "2026-01-31 23:59:50 to 2026-02-01 00:01:10 UTC",
      Decision = "pass from 90, review from 80",
      Thresholds = "70.5, 95",
      Reason = "Payments &lt;of up to&gt; 100 euros.",
      Author = "Ada &amp; Ben",
      Version = paste("rekognition", utils::packageVersion("rekognition"))
    )
  )
  # The region of all sessions is not in each row.
  expect_identical(report_cells(text, "Region"), character())
  results$retrieved_at <- results$retrieved_at[1]
  facts <- report_facts(report_of(results, author = NULL))
  expect_identical(facts[["Fetched"]], "2026-01-31 23:59:50 UTC")
  expect_identical(setdiff(names(facts), "Created"), c("Region", "Fetched", "Version"))
  expect_identical(report_facts(report_of(results))[["Author"]], Sys.info()[["user"]])
})

test_that("a column named decision must be renamed if there are decisions", {
  results <- reported_results()
  results$decision <- "mine"
  expect_contains_text(report_of(results), "mine")
  error <- caught(liveness_report(results, withr::local_tempfile(), decision = decision))
  expect_identical(error$argument, "results")
  expect_match(conditionMessage(error), "rename the column", fixed = TRUE)
})

test_that("different or unknown regions are in the rows as well", {
  results <- reported_results()
  results$region <- c(rep("eu-west-1", 4), rep("us-east-1", 3), NA, NA)
  text <- report_of(results)
  expect_identical(report_facts(text)[["Region"]], "eu-west-1, us-east-1, unknown for 2 sessions")
  expect_identical(report_cells(text, "Region"), c(results$region[1:7], "", ""))
  results$region <- NA_character_
  expect_false("Region" %in% names(report_facts(report_of(results))))
})

test_that("a reason needs thresholds, and facts must be strings", {
  results <- reported_results()
  file <- withr::local_tempfile()
  refused <- function(...) {
    error <- caught(liveness_report(results, file, ...))
    expect_s3_class(error, "rekognition_argument_error")
    error$argument
  }
  expect_identical(refused(reason = "because"), "reason")
  expect_identical(refused(reason = 1, thresholds = 90), "reason")
  expect_identical(refused(author = c("a", "b")), "author")
  expect_identical(refused(author = " "), "author")
  expect_identical(refused(image_size = "small"), "image_size")
  expect_identical(refused(image_size = 0), "image_size")
  expect_false(file.exists(file))
})

test_that("a row has the number of its attempts if there was more than one", {
  results <- reported_results()
  results$attempts[2] <- 3L
  retrieved <- report_cells(report_of(results), "Retrieved \\(UTC\\)")
  expect_identical(grepl("<br>3 attempts$", retrieved), 1:9 == 2)
  only <- report_of(results[c("session_id", "status", "attempts", "sdk_type")])
  expect_identical(report_cells(only, "Retrieved \\(UTC\\)"), c("", "3 attempts", rep("", 7)))
  expect_identical(report_cells(only, "Challenge")[1], "Client: Emulator")
})
