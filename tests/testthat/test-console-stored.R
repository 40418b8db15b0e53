# The console on stored sessions: reviewers, saved reviews, filters and pages.

test_that("two reviewers see each other's reviews, which survive a reload", {
  dir <- local_sessions(c(99.5, 85, 12))
  ada <- local_browser()
  ben <- local_browser()
  app <- open_console(ada, reviewer = "Ada", LIVENESS_DIR = dir)
  visit_console(ben, app, "Ben")
  wait_for_rows(ada, 3)
  expect_match(text_of(ada, "header"), dir, fixed = TRUE)
  select_row(ada, 2)
  review_as(ada, "live")
  wait_until(text_of(ben, row_selector(2, "td.review")) == "live Ada", "Ben sees it")
  select_row(ben, 2)
  expect_match(text_of(ben, "#history"), "^Ada +live [0-9-]{10} [0-9:]{8} UTC$")
  # It is not his own.
  expect_length(find_all(ben, "#review [aria-pressed=true]"), 0)
  type(ben, "#note", "A <b>mask</b>?\nAsk Ada.")
  review_as(ben, "attack")
  wait_until(grepl("attack Ben", text_of(ada, row_selector(2, "td.review"))), "Ada sees it")
  wait_until(grepl("A <b>mask</b>?\nAsk Ada.", text_of(ada, "#history"), fixed = TRUE), "and the note")
  expect_length(find_all(ada, "#history b"), 0)
  expect_length(find_all(ada, "#table .disputed"), 1)
  expect_length(find_all(ada, "#review [data-label=live][aria-pressed=true]"), 1)

  visit_console(ada, app)
  # The browser remembers the name.
  wait_until(grepl("Reviewer Ada", text_of(ada, "footer")), "the reviewer is known")
  wait_for_rows(ada, 3)
  expect_match(text_of(ada, row_selector(2, "td.review")), "attack Ben")
  select_row(ada, 2)
  expect_length(texts_of(ada, "#history li"), 2)

  lines <- stored_lines(dir)
  expect_identical(lapply(lines, `[[`, "reviewer"), list("Ada", "Ben"))
  expect_named(lines[[2]], c("session_id", "reviewer", "label", "note", "reviewed_at"))
  expect_identical(lines[[2]]$session_id, liveness_read(dir)$session_id[2])
  expect_identical(lines[[2]][c("label", "note")], list(label = "attack", note = "A <b>mask</b>?\nAsk Ada."))
  expect_match(lines[[2]]$reviewed_at, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{3}Z$")
  expect_identical(page_errors(ada), character())
  expect_identical(page_errors(ben), character())
})

test_that("a review can be taken back, which is another line", {
  dir <- local_sessions(85)
  browser <- local_browser()
  open_console(browser, reviewer = "Ada", LIVENESS_DIR = dir)
  wait_for_rows(browser, 1)
  select_row(browser, 1)
  review_as(browser, "attack")
  review_as(browser, "")
  wait_until(text_of(browser, row_selector(1, "td.review")) == "undecided Ada")
  lines <- stored_lines(dir)
  expect_length(lines, 2)
  expect_null(lines[[2]]$label)
})

test_that("a folder that cannot be read is an alert, and what was read stays", {
  dir <- local_sessions(85)
  browser <- local_browser()
  open_console(browser, LIVENESS_DIR = dir)
  wait_for_rows(browser, 1)
  unlink(dir, recursive = TRUE)
  wait_until(grepl("cannot be read right now", text_of(browser, "[role=alert]")), "there is an alert")
  expect_identical(console_rows(browser), 1L)
})

test_that("without the header of the proxy, nothing can be reviewed", {
  dir <- local_sessions(85)
  browser <- local_browser()
  open_console(browser, LIVENESS_DIR = dir, LIVENESS_USER_HEADER = "X-Forwarded-User")
  wait_for_rows(browser, 1)
  expect_identical(text_of(browser, "#reviewer"), "Not signed in")
  expect_length(find_all(browser, "#reviewer_name"), 0)
  select_row(browser, 1)
  expect_length(find_all(browser, "#review [data-label]:not([disabled])"), 0)
  # Not by a page that was changed, either.
  run_script(
    browser,
    "Shiny.setInputValue('reviewer_name', 'Eve');
     Shiny.setInputValue('review', {session: arguments[0], label: 'live', note: ''}, {priority: 'event'});
     Shiny.setInputValue('search', 'nothing');",
    session_of_row(browser, 1)
  )
  wait_until(grepl("that match", text_of(browser, "#pager")), "the inputs have arrived")
  expect_length(stored_lines(dir), 0)
})

test_that("a console can be used with the keyboard alone", {
  dir <- local_sessions(c(99, 85, 12))
  ids <- liveness_read(dir)$session_id
  browser <- local_browser()
  open_console(browser, reviewer = "Ada", LIVENESS_DIR = dir)
  wait_for_rows(browser, 3)
  saved <- function(n) wait_until(length(stored_lines(dir)) == n, "the review is saved")
  press_key(browser, "j")
  wait_for_session(browser, ids[1])
  press_key(browser, "l")
  saved(1)
  press_key(browser, "j")
  wait_for_session(browser, ids[2])
  press_key(browser, "n")
  for (key in c("a", "l", "j")) {
    press_key(browser, key)
  }
  # Escape leaves the note, which saves it.
  press_key(browser, "\ue00c")
  saved(2)
  press_key(browser, "a")
  saved(3)
  # At the end, "next" does nothing, and the session can still be reviewed.
  press_key(browser, "j")
  wait_for_session(browser, ids[3])
  press_key(browser, "j")
  press_key(browser, "k")
  wait_for_session(browser, ids[2])
  expect_identical(
    lapply(stored_lines(dir), function(line) unlist(line[c("session_id", "label", "note")])),
    list(
      c(session_id = ids[1], label = "live", note = ""),
      c(session_id = ids[2], note = "alj"),
      c(session_id = ids[2], label = "attack", note = "alj")
    )
  )
  # A second key on the same label is not a second review.
  press_key(browser, "a")
  wait_until(grepl("^Saved", text_of(browser, "#saved")))
  expect_length(stored_lines(dir), 3)
  # Without shortcuts.
  click(browser, "#keys")
  press_key(browser, "l")
  press_key(browser, "k")
  click(browser, "#keys")
  press_key(browser, "u")
  saved(4)
  expect_identical(stored_lines(dir)[[4]]$session_id, ids[2])
  # Keys that arrive before the next session is shown are for its note, and no review.
  run_script(
    browser,
    "for (const key of ['j', 'n', 'a', 'l']) {
       document.body.dispatchEvent(new KeyboardEvent('keydown', {key: key, bubbles: true}));
     }"
  )
  wait_for_session(browser, ids[3])
  wait_until(run_script(browser, "return document.activeElement.id") == "note", "the note has the focus")
  expect_length(stored_lines(dir), 4)
})

test_that("decisions are on every row, and the page says under which thresholds and for which reason", {
  dir <- local_sessions(c(99, 95, 94.9999, 80, 79.9))
  browser <- local_browser()
  open_console(
    browser,
    LIVENESS_DIR = dir,
    LIVENESS_THRESHOLD = "95",
    LIVENESS_REVIEW = "80",
    LIVENESS_REASON = "policy <7>"
  )
  wait_for_rows(browser, 5)
  expect_identical(texts_of(browser, "#table td.decision"), c("pass", "pass", "review", "review", "fail"))
  expect_match(text_of(browser, ".facts"), "Pass from 95, review from 80. Reason: policy <7>", fixed = TRUE)
  version <- as.character(utils::packageVersion("rekognition"))
  expect_match(text_of(browser, "footer"), paste0("rekognition ", version, " \u00b7 Region us-east-1"))
  expect_match(text_of(browser, "footer"), "As of [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC")
  report <- run_script(
    browser,
    "return fetch(document.querySelector('#report').href).then(response => response.text())"
  )
  for (fact in c("policy &lt;7&gt;", basename(dir), version, "us-east-1")) {
    expect_contains_text(report, fact)
  }
  expect_identical(sum(gregexpr("data-label=\"Decision\"", report, fixed = TRUE)[[1]] > 0), 5L)
})

test_that("filters show what is left to review, and a reviewed session stays until the next one is selected", {
  dir <- local_sessions(c(99, 90, 85, 12))
  ids <- liveness_read(dir)$session_id
  browser <- local_browser()
  open_console(
    browser,
    reviewer = "Ada",
    LIVENESS_DIR = dir,
    LIVENESS_THRESHOLD = "95",
    LIVENESS_REVIEW = "80"
  )
  wait_for_rows(browser, 4)
  select_row(browser, 4)
  review_as(browser, "attack")
  click(browser, "#review_filter option[value=undecided]")
  wait_for_rows(browser, 3)
  click(browser, "#decision_filter option[value=review]")
  # From the field to the shortcuts.
  press_key(browser, "\ue00c")
  wait_until(grepl("1 to 2 of 2 that match, of 4", text_of(browser, "#pager"), fixed = TRUE))
  select_row(browser, 1)
  expect_identical(text_of(browser, "#summary .id"), ids[2])
  review_as(browser, "live")
  wait_until(text_of(browser, row_selector(1, "td.review")) == "live Ada")
  press_key(browser, "j")
  wait_for_session(browser, ids[3])
  wait_for_rows(browser, 1)
  report <- run_script(
    browser,
    "return fetch(document.querySelector('#report').href).then(response => response.text())"
  )
  expect_contains_text(report, "review: undecided, decision: review")
  expect_contains_text(report, ids[3])
  expect_false(grepl(ids[2], report, fixed = TRUE))
  click(browser, "#decision_filter option[value=all]")
  click(browser, "#review_filter option[value=all]")
  wait_for_rows(browser, 4)
  click(browser, "#order option[value=lowest]")
  wait_until(session_of_row(browser, 1) == ids[4], "the lowest confidence comes first")
  type(browser, "#search", ids[1])
  wait_for_rows(browser, 1)
  expect_identical(session_of_row(browser, 1), ids[1])
})


test_that("many sessions are in pages, and only the images of the selected one are loaded", {
  dir <- local_sessions(seq(60, 99, length.out = 120))
  ids <- liveness_read(dir)$session_id
  browser <- local_browser()
  app <- open_console(browser, LIVENESS_DIR = dir)
  wait_for_rows(browser, 50)
  expect_length(find_all(browser, "#images img"), 0)
  expect_match(text_of(browser, "#pager"), "1 to 50 of 120")
  click(browser, "[data-page='2']")
  wait_until(session_of_row(browser, 1) == ids[51], "the second page is shown")
  click(browser, "[data-page='3']")
  wait_for_rows(browser, 20)
  expect_length(find_all(browser, "[data-page='4'][disabled]"), 1)
  select_row(browser, 1)
  find(browser, ".image img")
  expect_length(find_all(browser, "#images img"), 1)
  # The session before is on the page before.
  press_key(browser, "k")
  wait_for_session(browser, ids[100])
  wait_for_rows(browser, 50)
  expect_identical(session_of_row(browser, 50), ids[100])
  # A session that is stored meanwhile appears.
  added <- local_sessions(77)
  file.copy(list.dirs(added, recursive = FALSE), dir, recursive = TRUE)
  wait_until(grepl("of 121", text_of(browser, "#pager")), "the session is shown")
  expect_identical(page_errors(browser), character())
})

test_that("sessions and verdicts of a database are reviewed, with their thresholds and reason", {
  in_both_databases(function(functions, location) {
    db <- functions$open_database(location)
    withr::defer(functions$close_database(db))
    emulator <- test_emulator()
    svc <- rekognition(config = emulator$config)
    decision <- c(review = 70, pass = 90)
    ids <- c(new_session(svc), new_session(svc), new_session(svc))
    for (i in 1:3) {
      functions$add_session(db, ids[i], paste0("user<", i, ">"), "us-east-1", paste0("request-", i))
    }
    for (i in 1:2) {
      emulator$check(ids[i], confidence = c(92, 75)[i])
      row <- liveness_results(ids[i], svc)
      functions$record_verdict(db, ids[i], c("pass", "review")[i], row, decision, "policy 6")
    }
    browser <- local_browser()
    open_console(
      browser,
      reviewer = "Ada",
      LIVENESS_DATABASE = location,
      LIVENESS_THRESHOLD = "95",
      LIVENESS_REVIEW = "80"
    )
    wait_for_rows(browser, 3)
    expect_identical(texts_of(browser, "#table td.user"), paste0("user<", 1:3, ">"))
    expect_identical(texts_of(browser, "#table td.verdict")[1:2], c("pass", "review"))
    expect_identical(texts_of(browser, "#table td.decision")[1:2], c("review", "fail"))
    expect_identical(texts_of(browser, "#table td.result")[3], "no result yet")
    select_row(browser, 1)
    find(browser, ".image img")
    expect_match(
      text_of(browser, "#summary .verdict"),
      "^Verdict pass for user<1>, [0-9 :-]{19} UTC. Pass from 90, review from 70. Reason: policy 6$"
    )
    type(browser, "#note", "a mask")
    review_as(browser, "attack")
    stored <- functions$stored_reviews(db)
    expect_identical(
      unlist(stored[c("session_id", "reviewer", "label", "note")]),
      c(session_id = ids[1], reviewer = "Ada", label = "attack", note = "a mask")
    )
    # What another process adds.
    functions$add_review(db, ids[1], "Ben", "live")
    wait_until(grepl("live Ben", text_of(browser, row_selector(1, "td.review"))), "the review is shown")
    report <- run_script(
      browser,
      "return fetch(document.querySelector('#report').href).then(response => response.text())"
    )
    for (fact in c(
      "user&lt;1&gt;",
      "attack, Ada, ",
      ": a mask",
      "live, Ben, ",
      "policy 6",
      "data:image/jpeg"
    )) {
      expect_contains_text(report, fact)
    }
    expect_identical(page_errors(browser), character())
  })
})
