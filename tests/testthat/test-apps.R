test_that("a back end tells pending, pass and fail, and nothing else", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  user <- new_user(app)
  created <- user("POST", "/sessions")
  expect_identical(created$status, 201L)
  expect_named(created$json, "SessionId")
  id <- created$json$SessionId
  expect_identical(created$headers$location, paste0("/sessions/", id))
  expect_identical(created$headers$`cache-control`, "no-store")
  expect_identical(user("GET", paste0("/sessions/", id))$json, list(verdict = "pending"))
  emulator$check(id, confidence = 90)
  expect_identical(verdict(user, id), "pass")

  for (outcome in list(
    list(confidence = 89.99),
    list(status = "FAILED"),
    list(status = "EXPIRED")
  )) {
    id <- start_check(user)
    do.call(emulator$check, c(id, outcome))
    expect_identical(verdict(user, id), "fail")
  }
})

test_that("a verdict is final, also when the service has forgotten the session or says otherwise", {
  emulator <- test_emulator()
  user <- new_user(back_end(emulator))
  ids <- c(start_check(user), start_check(user))
  emulator$check(ids[1], confidence = 99)
  emulator$check(ids[2], confidence = 1)
  expect_identical(verdict(user, ids[1]), "pass")
  expect_identical(verdict(user, ids[2]), "fail")
  emulator$check(ids[1], confidence = 1)
  emulator$check(ids[2], confidence = 99)
  expect_identical(verdict(user, ids[1]), "pass")
  emulator$advance(3600)
  expect_identical(verdict(user, ids[1]), "pass")
  expect_identical(verdict(user, ids[2]), "fail")
})

test_that("a check that was not done is not passed", {
  emulator <- test_emulator()
  user <- new_user(back_end(emulator))
  id <- start_check(user)
  emulator$advance(3600)
  expect_identical(verdict(user, id), "fail")
  # Succeeded, but without a confidence.
  id <- start_check(user)
  emulator$put_result(id, list(SessionId = id, Status = "SUCCEEDED"))
  expect_identical(verdict(user, id), "fail")
})

test_that("the session of another user is as unknown as one that never was", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  owner <- new_user(app)
  other <- new_user(app)
  id <- start_check(owner)
  start_check(other)
  emulator$check(id, confidence = 99)
  expect_identical(verdict(owner, id), "pass")
  theirs <- other("GET", paste0("/sessions/", id))
  expect_identical(theirs$status, 404L)
  same <- c("status", "text")
  names <- function(answer) sort(base::names(answer$headers))
  odd <- c(some_id, "x", toupper(id), paste0(id, "?id=", id), strrep("a", 20000), "%ff", "%00", "%2e%2e")
  for (path in paste0("/sessions/", odd)) {
    if (path == paste0("/sessions/", id, "?id=", id)) {
      expect_identical(owner("GET", path)$json$verdict, "pass")
    }
    unknown <- other("GET", path)
    expect_identical(unknown[same], theirs[same])
    expect_identical(names(unknown), names(theirs))
  }
  # Without a cookie, and with one that was made up.
  expect_identical(new_user(app)("GET", paste0("/sessions/", id))[same], theirs[same])
  forged <- new_user(app)("GET", paste0("/sessions/", id), list(Cookie = "liveness=YWJj_YWJj"))
  expect_identical(forged[same], theirs[same])
})

test_that("the score never leaves the back end", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  user <- new_user(app)
  other <- new_user(app)
  sent <- character()
  listen <- function(answer) {
    sent <<- c(sent, answer$bytes)
    answer
  }
  ask <- function(user, method, path) listen(user(method, path))
  listen(user("GET", "/"))
  for (confidence in c(87.654321, 98.765432)) {
    id <- ask(user, "POST", "/sessions")$json$SessionId
    emulator$check(id, confidence = confidence)
    verdict(function(...) ask(user, ...), id)
    ask(user, "GET", paste0("/sessions/", id))
    ask(other, "GET", paste0("/sessions/", id))
    ask(user, "DELETE", paste0("/sessions/", id))
  }
  # An answer of the service that is broken where the score is.
  id <- ask(user, "POST", "/sessions")$json$SessionId
  emulator$put_result(id, sprintf('{"SessionId":"%s","Status":"SUCCEEDED","Confidence":"87.654321"}', id))
  expect_identical(ask(user, "GET", paste0("/sessions/", id))$status, 503L)
  expect_match(app$said(), "rekognition_response_error")
  expect_false(any(grepl("87[.,]?65|98[.,]?76|654321|765432", c(sent, app$said()))))
})

test_that("the cookie is for the server alone", {
  app <- back_end()
  cookie <- new_user(app)("GET", "/")$headers$`set-cookie`
  expect_match(cookie, "HttpOnly")
  expect_match(cookie, "Secure")
  expect_match(cookie, "SameSite=Strict")
})

test_that("trouble of the service is 503 without its words, and the check goes on afterwards", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  user <- new_user(app)
  unavailable <- function(answer) {
    expect_identical(answer$status, 503L)
    expect_identical(answer$json, list(error = "The check is not available at the moment."))
    expect_identical(answer$headers$`retry-after`, "1")
  }
  id <- start_check(user)
  path <- paste0("/sessions/", id)
  for (fault in list(
    list("throttle"),
    list("error", code = "AccessDeniedException", message = "arn:aws:iam::123:user/secret"),
    list("html"),
    list("cut_off"),
    list("reset")
  )) {
    do.call(emulator$fault, fault)
    wait_until((answer <- user("GET", path))$status != 200, "the back end asks again")
    unavailable(answer)
    do.call(emulator$fault, fault)
    unavailable(user("POST", "/sessions"))
  }
  emulator$check(id, confidence = 99)
  expect_identical(verdict(user, id), "pass")
  id <- start_check(user)
  emulator$stop()
  unavailable(user("GET", paste0("/sessions/", id)))
  expect_match(app$said(), "liveness: AccessDeniedException, request [0-9a-f-]{36}")
  expect_no_match(app$said(), "arn:aws|secret")
})

# What a back end is given to be looked at from outside: a clock, and how much of what it keeps requests look at.
instruments <- c(
  "offset <- 0",
  "Sys.time <- function() base::Sys.time() + offset",
  "#* @get /advance/<seconds:int>",
  "function(seconds) offset <<- offset + seconds",
  "here <- environment()",
  "kept <- Filter(function(name) identical(class(here[[name]]), 'environment'), setdiff(ls(here), 'here'))",
  "for (name in kept) assign(name, structure(here[[name]], class = 'counted'))",
  "looked <- 0",
  "`[[.counted` <- function(x, name) {",
  "  looked <<- looked + 1",
  "  .subset2(x, name)",
  "}",
  "#* @get /instruments",
  "function() list(looked = looked, kept = sum(vapply(kept, function(name) length(here[[name]]), 0)))"
)

test_that("a user has a limited number of checks, others theirs, and old ones make room for new ones", {
  emulator <- test_emulator()
  app <- back_end(emulator, added = instruments)
  user <- new_user(app)
  advance <- function(seconds) expect_identical(user("GET", paste0("/advance/", seconds))$status, 200L)
  at_first <- user("GET", "/instruments")$json$kept
  first <- start_check(user)
  advance(300)
  for (i in 2:5) {
    last <- start_check(user)
  }
  refused <- user("POST", "/sessions")
  expect_identical(refused$status, 429L)
  expect_identical(refused$headers$`retry-after`, "600")
  expect_identical(new_user(app)("POST", "/sessions")$status, 201L)
  expect_identical(sum(emulator$requests()$operation == "CreateFaceLivenessSession"), 6L)

  advance(200)
  expect_identical(user("POST", "/sessions")$status, 429L)
  advance(101)
  expect_identical(user("POST", "/sessions")$status, 201L)
  expect_identical(user("POST", "/sessions")$status, 429L)
  expect_identical(user("GET", paste0("/sessions/", first))$status, 404L)
  expect_identical(user("GET", paste0("/sessions/", last))$status, 200L)

  # Of all of them nothing stays but what a single check needs.
  advance(601)
  start_check(user)
  once <- user("GET", "/instruments")$json$kept
  advance(601)
  start_check(new_user(app))
  expect_identical(user("GET", "/instruments")$json$kept, once)
  expect_lte(once - at_first, 3)
})

test_that("the number of sessions is limited", {
  emulator <- test_emulator()
  app <- back_end(emulator, added = c(instruments, "most_sessions <- 3"))
  for (i in 1:3) {
    expect_identical(new_user(app)("POST", "/sessions")$status, 201L)
  }
  expect_identical(new_user(app)("POST", "/sessions")$status, 503L)
  expect_identical(sum(emulator$requests()$operation == "CreateFaceLivenessSession"), 3L)
  new_user(app)("GET", "/advance/601")
  expect_identical(new_user(app)("POST", "/sessions")$status, 201L)
})

test_that("a request does no more work when there are many sessions", {
  emulator <- test_emulator()
  app <- back_end(emulator, added = instruments)
  looked <- function() new_user(app)("GET", "/instruments")$json$looked
  work <- function() {
    user <- new_user(app)
    before <- looked()
    id <- start_check(user)
    created <- looked()
    user("GET", paste0("/sessions/", id))
    c(created - before, looked() - created)
  }
  start_check(new_user(app))
  of_few <- work()
  for (i in 1:8) {
    user <- new_user(app)
    for (j in 1:5) {
      start_check(user)
    }
  }
  expect_identical(work(), of_few)
})

test_that("the service is not asked more than once a second, however often the page asks", {
  emulator <- test_emulator()
  user <- new_user(back_end(emulator))
  id <- start_check(user)
  started <- Sys.time()
  for (i in 1:30) {
    user("GET", paste0("/sessions/", id))
  }
  seconds <- as.numeric(Sys.time() - started, units = "secs")
  asked <- sum(emulator$requests()$operation == "GetFaceLivenessSessionResults")
  expect_lte(asked, 1 + floor(seconds))
})

test_that("a session with a status and an error has no verdict yet", {
  emulator <- test_emulator()
  added <- c(
    "ask <- rekognition::liveness_promise",
    "failing <- TRUE",
    "fail <- function(row) {",
    "  if (failing) {",
    "    row$error <- list(errorCondition('secret', class = c('rekognition_response_error', 'rekognition_error')))",
    "    row$error_code <- 'rekognition_response_error'",
    "  }",
    "  row",
    "}",
    "utils::assignInNamespace('liveness_promise', function(...) promises::then(ask(...), fail), 'rekognition')",
    "#* @get /mend",
    "function() failing <<- FALSE"
  )
  app <- back_end(emulator, added = added)
  user <- new_user(app)
  ids <- c(start_check(user), start_check(user))
  emulator$check(ids[1], confidence = 99)
  for (id in ids) {
    expect_identical(user("GET", paste0("/sessions/", id))$status, 503L)
  }
  expect_no_match(app$said(), "secret")
  user("GET", "/mend")
  expect_identical(verdict(user, ids[1]), "pass")
})

test_that("a back end does not start without a threshold, or when it is unclear whose service it should use", {
  for (threshold in c("", "high", "0", "101", "NaN")) {
    app <- back_end(threshold = threshold)
    app$process$wait(10000)
    expect_false(app$process$is_alive())
    expect_match(as.character(caught(app$process$get_result())$parent), "LIVENESS_THRESHOLD")
  }
  app <- back_end(env = c(LIVENESS_ON_AWS = "yes"))
  app$process$wait(10000)
  expect_false(app$process$is_alive())
  expect_match(as.character(caught(app$process$get_result())$parent), "LIVENESS_ON_AWS")
})

test_that("one clicks through a check in the browser", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  browser <- local_browser()
  browse(browser, app$url)
  for (confidence in c(99, 10)) {
    before <- nrow(emulator$requests())
    click(browser, "#start:enabled")
    wait_until(nrow(emulator$requests()) > before + 1, "the page asks")
    id <- emulator$requests()$session_id[before + 2]
    expect_match(text_of(browser, "#verdict"), "Look into the camera")
    emulator$check(id, confidence = confidence)
    find(browser, "#start:enabled")
    expect_match(text_of(browser, "#verdict"), if (confidence == 99) "You passed" else "not passed")
  }
  # No violation of the page's own policy, and its style is there.
  expect_identical(console_errors(browser), character())
  colour <- "return getComputedStyle(document.querySelector('#start')).backgroundColor"
  expect_identical(run_script(browser, colour), "rgb(15, 95, 156)")
  emulator$fault("throttle")
  click(browser, "#start:enabled")
  wait_until(grepl("not available", text_of(browser, "#verdict")))
  # The browser's own word for the 503.
  said <- wait_until(console_errors(browser), "the console says so")
  expect_match(said, "503", all = FALSE)
})

test_that("the back end runs by itself on its own emulator", {
  app <- back_end()
  expect_match(app$said(), "This is the emulator: no person is checked.", fixed = TRUE)
  browser <- local_browser()
  browse(browser, app$url)
  click(browser, "#start")
  find(browser, "#verdict.pass")
  expect_identical(console_errors(browser), character())
})
