# The console for reviewers.

# Opens a console in a browser, as this reviewer. Further arguments are environment variables. Returns the app.
open_console <- function(browser, emulator = NULL, reviewer = NULL, ..., frame = parent.frame()) {
  app <- local_app("shiny", emulator, c(...), frame = frame)
  visit_console(browser, app, reviewer)
  app
}

visit_console <- function(browser, app, reviewer = NULL) {
  set_screen(browser, 1280, 800)
  browse(browser, app$url)
  wait_until(length(find_all(browser, "#table > *")) > 0, "the console is shown")
  if (!is.null(reviewer)) {
    type(browser, "#reviewer_name", paste0(reviewer, "\ue007"))
    wait_until(grepl(reviewer, text_of(browser, "footer"), fixed = TRUE), "the reviewer is known")
  }
}

console_rows <- function(browser) {
  length(find_all(browser, "#table tbody tr"))
}

wait_for_rows <- function(browser, n) {
  wait_until(console_rows(browser) == n, sprintf("%d sessions are shown", n))
}

enter_sessions <- function(browser, ids) {
  before <- console_rows(browser)
  type(browser, "#ids", paste(ids, collapse = "\n"))
  click(browser, "#fetch")
  wait_for_rows(browser, before + length(ids))
}

row_selector <- function(i, rest = "") {
  sprintf("#table tbody tr:nth-child(%d) %s", i, rest)
}

# The session of a row of the table.
session_of_row <- function(browser, i) {
  script <- "return document.querySelector(arguments[0]).dataset.session"
  run_script(browser, script, row_selector(i))
}

select_row <- function(browser, i) {
  id <- session_of_row(browser, i)
  # From under the header of the table.
  run_script(
    browser,
    "document.querySelector(arguments[0]).scrollIntoView({block: 'nearest'})",
    row_selector(i)
  )
  click(browser, row_selector(i, "button"))
  wait_for_session(browser, id)
}

# Until the session is shown and its review can be entered.
wait_for_session <- function(browser, id) {
  wait_until(
    identical(text_of(browser, "#summary .id"), id) &&
      # The form is the session's, or there is no reviewer.
      length(find_all(
        browser,
        "#review:not([hidden]) :is(#note:not([disabled]), #no-reviewer:not([hidden]))"
      )) ==
        1 &&
      length(find_all(browser, sprintf("#table tr.selected[data-session='%s']", id))) == 1,
    "the session is shown"
  )
}

press_key <- function(browser, key) {
  actions <- lapply(c("keyDown", "keyUp"), function(type) list(type = type, value = key))
  webdriver(browser, "/actions", list(actions = list(list(type = "key", id = "keyboard", actions = actions))))
}

# Presses a button of the review, by default of the session that is shown.
review_as <- function(browser, label) {
  click(browser, sprintf("#review [data-label='%s']:not([disabled])", label))
  wait_until(grepl("^Saved", text_of(browser, "#saved")), "the review is saved")
}

# Errors of the page itself. The 404 is for an unused script that some builds of shiny lack.
page_errors <- function(browser) {
  grep("strftime", console_errors(browser), value = TRUE, invert = TRUE)
}

# The functions of the console, without the app.
console_functions <- function() {
  testthat::skip_if_not_installed("shiny")
  functions <- new.env(parent = asNamespace("shiny"))
  for (file in list.files(
    system.file("examples", "shiny", "R", package = "rekognition"),
    full.names = TRUE
  )) {
    sys.source(file, functions)
  }
  functions
}

# A folder of checked sessions with these confidences, in this order.
local_sessions <- function(confidence, frame = parent.frame()) {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  dir <- withr::local_tempdir(.local_envir = frame)
  ids <- vapply(confidence, function(score) new_session(svc), "")
  Map(function(id, score) emulator$check(id, confidence = score), ids, confidence)
  # One after the other, because they are stored in the order of their retrieval.
  liveness_results(ids, svc, dir = dir, max_active = 1, progress = FALSE)
  dir
}

stored_lines <- function(dir) {
  path <- file.path(dir, "reviews.jsonl")
  if (file.exists(path)) lapply(readLines(path, encoding = "UTF-8"), jsonlite::fromJSON) else list()
}
