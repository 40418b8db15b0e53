test_that("a back end returns pending, pass or fail only", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  user <- new_user(app)
  created <- user("POST", "/sessions")
  expect_identical(created$status, 201L)
  expect_named(created$json, c("SessionId", "ticket", "relay"))
  id <- created$json$SessionId
  expect_identical(created$json$ticket[c("mode", "sessionId")], list(mode = "relay", sessionId = id))
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

test_that("a verdict is final, even if the service deletes or changes the session", {
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

test_that("a check without a result fails", {
  emulator <- test_emulator()
  user <- new_user(back_end(emulator))
  id <- start_check(user)
  emulator$advance(3600)
  expect_identical(verdict(user, id), "fail")
  # SUCCEEDED, but without a confidence.
  id <- start_check(user)
  emulator$put_result(id, list(SessionId = id, Status = "SUCCEEDED"))
  expect_identical(verdict(user, id), "fail")
})

test_that("the session of another user is indistinguishable from an unknown one", {
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
  names <- function(response) sort(base::names(response$headers))
  odd <- c(some_id, "x", toupper(id), paste0(id, "?id=", id), strrep("a", 20000), "%ff", "%00", "%2e%2e")
  for (path in paste0("/sessions/", odd)) {
    if (path == paste0("/sessions/", id, "?id=", id)) {
      expect_identical(owner("GET", path)$json$verdict, "pass")
    }
    unknown <- other("GET", path)
    expect_identical(unknown[same], theirs[same])
    expect_identical(names(unknown), names(theirs))
  }
  # Without a cookie, and with a forged one.
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
  record <- function(response) {
    sent <<- c(sent, response$bytes)
    response
  }
  send <- function(user, method, path) record(user(method, path))
  record(user("GET", "/"))
  for (confidence in c(87.654321, 98.765432)) {
    id <- send(user, "POST", "/sessions")$json$SessionId
    emulator$check(id, confidence = confidence)
    verdict(function(...) send(user, ...), id)
    send(user, "GET", paste0("/sessions/", id))
    send(other, "GET", paste0("/sessions/", id))
    send(user, "DELETE", paste0("/sessions/", id))
  }
  # A response of the service that is invalid at the score.
  id <- send(user, "POST", "/sessions")$json$SessionId
  emulator$put_result(id, sprintf('{"SessionId":"%s","Status":"SUCCEEDED","Confidence":"87.654321"}', id))
  expect_identical(send(user, "GET", paste0("/sessions/", id))$status, 503L)
  expect_match(app$output(), "rekognition_response_error")
  expect_false(any(grepl("87[.,]?65|98[.,]?76|654321|765432", c(sent, app$output()))))
})

test_that("the cookie is readable by the server only", {
  app <- back_end()
  cookie <- new_user(app)("GET", "/")$headers$`set-cookie`
  expect_match(cookie, "HttpOnly")
  expect_match(cookie, "Secure")
  expect_match(cookie, "SameSite=Strict")
})

test_that("errors of the service are 503 without their message, and the check continues afterwards", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  user <- new_user(app)
  expect_unavailable <- function(response) {
    expect_identical(response$status, 503L)
    expect_identical(response$json, list(error = "The check is not available right now. Please try again."))
    expect_identical(response$headers$`retry-after`, "1")
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
    wait_until((response <- user("GET", path))$status != 200, "the back end retries")
    expect_unavailable(response)
    do.call(emulator$fault, fault)
    expect_unavailable(user("POST", "/sessions"))
  }
  emulator$check(id, confidence = 99)
  expect_identical(verdict(user, id), "pass")
  id <- start_check(user)
  emulator$stop()
  expect_unavailable(user("GET", paste0("/sessions/", id)))
  expect_match(app$output(), "\"error\":\"AccessDeniedException\",\"request\":\"[0-9a-f-]{36}\"")
  expect_no_match(app$output(), "arn:aws|secret")
})

# Code added to a back end for tests: a clock, and counters of stored objects and of accesses to them.
instruments <- c(
  "offset <- 0",
  "Sys.time <- function() base::Sys.time() + offset",
  "#* @get /advance/<seconds:int>",
  "function(seconds) offset <<- offset + seconds",
  "here <- environment()",
  "stored <- Filter(function(name) identical(class(here[[name]]), 'environment'), setdiff(ls(here), 'here'))",
  "for (name in stored) assign(name, structure(here[[name]], class = 'counted'))",
  "accessed <- 0",
  "`[[.counted` <- function(x, name) {",
  "  accessed <<- accessed + 1",
  "  .subset2(x, name)",
  "}",
  "#* @get /instruments",
  "function() list(accessed = accessed, stored = sum(vapply(stored, function(name) length(here[[name]]), 0)))"
)

test_that("after five checks without a pass a user has to wait, and others need not", {
  emulator <- test_emulator()
  app <- back_end(emulator, added = instruments)
  user <- new_user(app)
  advance <- function(seconds) expect_identical(user("GET", paste0("/advance/", seconds))$status, 200L)
  passed <- start_check(user)
  emulator$check(passed, confidence = 99)
  expect_identical(verdict(user, passed), "pass")
  for (i in 1:5) {
    last <- start_check(user)
  }
  refused <- user("POST", "/sessions")
  expect_identical(refused$status, 429L)
  expect_true(as.numeric(refused$headers$`retry-after`) %in% 1600:1800)
  expect_identical(new_user(app)("POST", "/sessions")$status, 201L)
  expect_identical(sum(emulator$requests()$operation == "CreateFaceLivenessSession"), 7L)
  # The one that was running was passed.
  emulator$check(last, confidence = 99)
  expect_identical(verdict(user, last), "pass")
  last <- start_check(user)
  expect_identical(user("POST", "/sessions")$status, 429L)
  advance(1500)
  expect_identical(user("POST", "/sessions")$status, 429L)
  advance(301)
  expect_identical(user("POST", "/sessions")$status, 201L)
  # The relay of an old check is closed; its verdict stays.
  expect_identical(user("GET", paste0("/sessions/", passed))$json$verdict, "pass")
  expect_identical(sum(logged(app) == "check refused"), 3L)
})

test_that("a process does not remember old checks", {
  app <- back_end(test_emulator(), added = c(instruments, "seconds_kept <- 0"))
  user <- new_user(app)
  stored <- function() user("GET", "/instruments")$json$stored
  at_first <- stored()
  for (i in 1:15) {
    start_check(new_user(app))
  }
  wait_until(stored() == at_first, "the checks are forgotten")
  # The clock does not matter.
  app <- back_end(test_emulator(), added = instruments)
  user <- new_user(app)
  at_first <- stored()
  start_check(user)
  user("GET", "/advance/86400")
  start_check(user)
  expect_gte(stored() - at_first, 2)
})

test_that("the number of checks at once in a process is limited", {
  emulator <- test_emulator()
  app <- back_end(emulator, added = c(instruments, "most_checks <- 3"))
  for (i in 1:3) {
    expect_identical(new_user(app)("POST", "/sessions")$status, 201L)
  }
  expect_identical(new_user(app)("POST", "/sessions")$status, 503L)
  expect_identical(sum(emulator$requests()$operation == "CreateFaceLivenessSession"), 3L)
})

test_that("the work for a request does not depend on the number of sessions", {
  emulator <- test_emulator()
  app <- back_end(emulator, added = instruments)
  accessed <- function() new_user(app)("GET", "/instruments")$json$accessed
  work <- function() {
    user <- new_user(app)
    before <- accessed()
    id <- start_check(user)
    created <- accessed()
    user("GET", paste0("/sessions/", id))
    c(created - before, accessed() - created)
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

test_that("the service gets at most one request a second for a session, no matter how many the page sends", {
  emulator <- test_emulator()
  user <- new_user(back_end(emulator))
  id <- start_check(user)
  started <- Sys.time()
  for (i in 1:30) {
    user("GET", paste0("/sessions/", id))
  }
  seconds <- as.numeric(Sys.time() - started, units = "secs")
  requests <- emulator$requests()
  fetched <- sum(
    requests$operation == "GetFaceLivenessSessionResults" & requests$session_id == id,
    na.rm = TRUE
  )
  expect_lte(fetched, 1 + floor(seconds))
})

test_that("a session with a status and an error has no verdict yet", {
  emulator <- test_emulator()
  added <- c(
    "original <- rekognition::liveness_promise",
    "failing <- TRUE",
    "fail <- function(row) {",
    "  if (failing) {",
    "    row$error <- list(errorCondition('secret', class = c('rekognition_response_error', 'rekognition_error')))",
    "    row$error_code <- 'rekognition_response_error'",
    "  }",
    "  row",
    "}",
    "utils::assignInNamespace('liveness_promise', function(...) promises::then(original(...), fail), 'rekognition')",
    "#* @get /recover",
    "function() failing <<- FALSE"
  )
  app <- back_end(emulator, added = added)
  user <- new_user(app)
  ids <- c(start_check(user), start_check(user))
  emulator$check(ids[1], confidence = 99)
  for (id in ids) {
    expect_identical(user("GET", paste0("/sessions/", id))$status, 503L)
  }
  expect_no_match(app$output(), "secret")
  user("GET", "/recover")
  expect_identical(verdict(user, ids[1]), "pass")
})

test_that("a back end does not start without a valid threshold and service", {
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

test_that("the back end runs on its own emulator by default", {
  app <- back_end()
  expect_match(
    app$output(),
    "Running on the emulator: the outcome of a complete check is made up.",
    fixed = TRUE
  )
  user <- new_user(app)
  id <- start_check(user)
  expect_identical(user("GET", paste0("/sessions/", id))$json, list(verdict = "pending"))
})

test_that("the page's half is served, and no other file", {
  app <- back_end(test_emulator())
  types <- c(
    liveness.js = "text/javascript",
    liveness.css = "text/css",
    model.json = "application/json",
    model.bin = "application/octet-stream"
  )
  for (file in names(types)) {
    url <- paste0(app$url, "/liveness/", file)
    response <- curl::curl_fetch_memory(url, curl::new_handle(noproxy = "*"))
    expect_match(response$type, types[[file]], fixed = TRUE)
    path <- file.path(liveness_page(), file)
    expect_identical(response$content, readBin(path, "raw", file.size(path)))
  }
  user <- new_user(app)
  for (file in c("", "other.js", "liveness", "../plumber.R", "..%2fplumber.R", "%2e%2e/%2e%2e/DESCRIPTION")) {
    expect_identical(user("GET", paste0("/liveness/", file))$status, 404L)
  }
})

test_that("with a role, tickets are for the service itself, and its host is in the policy of the page", {
  emulator <- test_emulator()
  role <- "arn:aws:iam::111122223333:role/liveness-page"
  user <- new_user(back_end(emulator, env = c(LIVENESS_ROLE_ARN = role)))
  policy <- user("GET", "/")$headers$`content-security-policy`
  expect_match(policy, paste0("connect-src 'self' ", sub("^http", "ws", emulator$url), ";"), fixed = TRUE)
  created <- user("POST", "/sessions")
  expect_identical(created$status, 201L)
  ticket <- created$json$ticket
  expect_identical(ticket[c("mode", "sessionId")], list(mode = "direct", sessionId = created$json$SessionId))
  expect_named(ticket$credentials, c("accessKeyId", "secretAccessKey", "sessionToken", "expiration"))
  # There is no relay for it.
  expect_identical(user("POST", paste0("/sessions/", ticket$sessionId, "/relay/1"))$status, 404L)
  emulator$fault("error", code = "AccessDenied", message = "arn:aws:iam::123:user/secret", times = 2)
  expect_identical(user("POST", "/sessions")$status, 503L)
})

test_that("a back end does not start with a role that cannot be assumed", {
  app <- back_end(test_emulator(), env = c(LIVENESS_ROLE_ARN = "arn:aws:iam::1:role/liveness-page"))
  app$process$wait(10000)
  expect_false(app$process$is_alive())
  expect_match(conditionMessage(caught(app$process$get_result())$parent), "ValidationError")
})
