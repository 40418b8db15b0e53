# What the example back end records, and what happens when something fails.

test_that("a verdict is recorded with its thresholds and their reason, the request, and the images", {
  emulator <- test_emulator()
  location <- local_databases()[1]
  app <- back_end(
    emulator,
    env = c(
      LIVENESS_DATABASE = location,
      LIVENESS_REVIEW = "80",
      LIVENESS_REASON = "low stakes",
      LIVENESS_AUDIT_IMAGES = "2"
    )
  )
  user <- new_user(app)
  scores <- c(pass = 90, review = 80, fail = 79.99)
  ids <- vapply(names(scores), FUN.VALUE = "", function(expected) {
    id <- start_check(user)
    emulator$check(id, confidence = scores[[expected]])
    expect_identical(verdict(user, id), expected)
    id
  })
  f <- database_functions()
  db <- f$open_database(location)
  withr::defer(f$close_database(db))
  stored <- f$stored_sessions(db)
  stored <- stored[match(ids, stored$session_id), ]
  expect_identical(as.character(stored$verdict), names(scores))
  expect_identical(stored$confidence, unname(scores))
  expect_identical(stored$review_threshold, rep(80, 3))
  expect_identical(stored$pass_threshold, rep(90, 3))
  expect_identical(stored$reason, rep("low stakes", 3))
  expect_identical(stored$region, rep(emulator$config$region, 3))
  requests <- emulator$requests()
  expect_true(all(stored$request_id %in% requests$request_id))
  expect_identical(unique(stored$user_id), unique(stored$user_id[1]))
  images <- f$stored_images(db, ids[[1]])
  expect_s3_class(images$reference_image, "liveness_image")
  expect_length(images$audit_images, 2)
  audit <- f$query_database(db, "SELECT * FROM audit ORDER BY audit_id")
  expect_identical(audit$action, rep(c("session created", "verdict recorded"), 3))
  expect_identical(audit$actor, rep(c(stored$user_id[1], "process 1"), 3))
  # No line of the log names the user or the verdict.
  expect_no_match(app$output(), stored$user_id[1], fixed = TRUE)
  expect_no_match(app$output(), "review|79[.]99")
  expect_identical(logged(app, "session"), rep(unname(ids), each = 2))
  expect_length(unique(logged(app, "user")), 1)
})

test_that("a session whose process has ended gets its verdict from another one", {
  for (location in local_databases()) {
    emulator <- test_emulator()
    first <- back_end(emulator, env = c(LIVENESS_DATABASE = location))
    user <- new_user(first)
    ids <- c(start_check(user), start_check(user), start_check(user))
    emulator$check(ids[1], confidence = 99)
    emulator$check(ids[2], confidence = 1)
    first$process$kill()
    second <- back_end(emulator, env = c(LIVENESS_DATABASE = location))
    f <- database_functions()
    db <- f$open_database(location)
    found <- function(id) f$find_session(db, id)$verdict
    wait_until(!is.na(found(ids[1])) && !is.na(found(ids[2])), "the verdicts are recorded")
    expect_identical(vapply(ids, found, "", USE.NAMES = FALSE), c("pass", "fail", NA))
    f$close_database(db)
  }
})

test_that("a session whose page has gone gets a verdict", {
  emulator <- test_emulator()
  location <- local_databases()[1]
  added <- c("seconds_left_to_page <- 0", "seconds_between <- 0.2")
  app <- back_end(emulator, env = c(LIVENESS_DATABASE = location), added = added)
  user <- new_user(app)
  ids <- c(start_check(user), start_check(user))
  emulator$check(ids[1], confidence = 99)
  f <- database_functions()
  db <- f$open_database(location)
  withr::defer(f$close_database(db))
  wait_until(!is.na(f$find_session(db, ids[1])$verdict), "the verdict is recorded")
  expect_identical(f$find_session(db, ids[2])$verdict, NA_character_)
  emulator$advance(3600)
  wait_until(!is.na(f$find_session(db, ids[2])$verdict), "the session has expired")
  expect_identical(f$stored_sessions(db)$status, rev(c("SUCCEEDED", "EXPIRED")))
  expect_identical(verdict(user, ids[1]), "pass")
})

test_that("an error of the service while verdicts are recovered is logged, and the session is asked for again", {
  emulator <- test_emulator()
  location <- local_databases()[1]
  added <- c("seconds_left_to_page <- 0", "seconds_between <- 0.2")
  app <- back_end(emulator, env = c(LIVENESS_DATABASE = location), added = added)
  id <- start_check(new_user(app))
  emulator$fault("throttle", times = 3)
  wait_until(sum(logged(app, "event") == "error") >= 3, "the errors are logged")
  emulator$check(id, confidence = 99)
  f <- database_functions()
  db <- f$open_database(location)
  withr::defer(f$close_database(db))
  wait_until(!is.na(f$find_session(db, id)$verdict), "the verdict is recorded")
  expect_identical(f$find_session(db, id)$verdict, "pass")
})

test_that("the verdict of a session in another region is not asked for in this one", {
  emulator <- test_emulator()
  location <- local_databases()[1]
  app <- back_end(emulator, env = c(LIVENESS_DATABASE = location))
  user <- new_user(app)
  id <- start_check(user)
  f <- database_functions()
  db <- f$open_database(location)
  withr::defer(f$close_database(db))
  f$run_statement(db, "UPDATE sessions SET region = 'another'")
  expect_identical(user("GET", paste0("/sessions/", id))$status, 503L)
  expect_identical(f$find_session(db, id)$verdict, NA_character_)
  f$run_statement(db, "UPDATE sessions SET region = $1", emulator$config$region)
  emulator$check(id, confidence = 99)
  expect_identical(verdict(user, id), "pass")
})

test_that("two processes let a user start five checks, however many are requested at once", {
  for (location in local_databases()) {
    emulator <- test_emulator()
    apps <- local_back_ends(2, emulator, location)
    urls <- paste0(vapply(apps, `[[`, "", "url"), "/sessions")
    responses <- send_at_once(30, urls, "POST", new_cookie(apps[[1]]))
    expect_identical(
      sort(vapply(responses, `[[`, 1L, "status")),
      rep(c(201L, 429L), c(5, 25)),
      info = location
    )
    expect_identical(sum(emulator$requests()$operation == "CreateFaceLivenessSession"), 5L)
  }
})

test_that("processes and requests that ask at once give one verdict, which is recorded once", {
  for (location in local_databases()) {
    emulator <- test_emulator()
    # Each request asks the service.
    apps <- local_back_ends(2, emulator, location, added = "may_ask <- function(id, user) TRUE")
    cookie <- new_cookie(apps[[1]])
    for (i in 1:3) {
      id <- send_at_once(1, paste0(apps[[1]]$url, "/sessions"), "POST", cookie)[[1]]$json$SessionId
      emulator$check(id, confidence = 99)
      # Between two responses the service could change its mind.
      emulator$fault("delay", seconds = 0.3, times = 3)
      responses <- send_at_once(20, paste0(vapply(apps, `[[`, "", "url"), "/sessions/", id), cookie = cookie)
      expect_setequal(vapply(responses, function(response) response$json$verdict, ""), "pass")
    }
    f <- database_functions()
    db <- f$open_database(location)
    audit <- f$query_database(db, "SELECT session_id FROM audit WHERE action = 'verdict recorded'")
    expect_identical(nrow(audit), 3L)
    expect_identical(anyDuplicated(audit$session_id), 0L)
    f$close_database(db)
  }
})

test_that("without its database the back end says so, and afterwards it has lost nothing", {
  skip_without_databases()
  server <- local_postgresql()
  emulator <- test_emulator()
  app <- back_end(emulator, env = c(LIVENESS_DATABASE = server$new_database()))
  user <- new_user(app)
  id <- start_check(user)
  emulator$check(id, confidence = 99)
  expect_identical(user("GET", "/health")$json$status, "ok")
  server$stop()
  withr::defer(server$start())
  for (response in list(user("GET", paste0("/sessions/", id)), user("POST", "/sessions"))) {
    expect_identical(response$status, 503L)
    expect_identical(response$json, list(error = "The check is not available right now. Please try again."))
  }
  response <- user("GET", "/health")
  expect_identical(response$status, 503L)
  expect_identical(response$json$status, "no database")
  server$start()
  expect_identical(verdict(user, id), "pass")
  expect_identical(user("GET", "/health")$status, 200L)
  expect_no_match(app$output(), "could not|host")
})

test_that("old sessions are deleted, a few at a time", {
  location <- local_databases()[1]
  f <- database_functions()
  db <- f$open_database(location)
  withr::defer(f$close_database(db))
  for (i in 1:45) {
    f$add_session(
      db,
      paste0("old-", i),
      "user",
      "eu-west-1",
      paste0("token-", i),
      now = Sys.time() - 2 * 86400
    )
    f$record_verdict(db, paste0("old-", i), "fail", stored_row(), c(pass = 90))
  }
  f$add_session(db, "young", "user", "eu-west-1", "token")
  app <- back_end(test_emulator(), env = c(LIVENESS_DATABASE = location, LIVENESS_KEEP_DAYS = "1"))
  wait_until(f$count_sessions(db) == 1, "the old sessions are deleted")
  expect_identical(f$stored_sessions(db)$session_id, "young")
  wait_until(sum(logged(app) == "sessions deleted") == 3, "the deletions are logged")
  expect_identical(logged(app, "sessions"), c(20L, 20L, 5L))
})

test_that("a back end does not start with wrong settings", {
  wrong <- list(
    c(LIVENESS_REVIEW = "90"),
    c(LIVENESS_REVIEW = "low"),
    c(LIVENESS_KEEP_DAYS = "0.5"),
    c(LIVENESS_KEEP_DAYS = "1", LIVENESS_PAUSE = "1440"),
    c(LIVENESS_THRESHOLD = "0.95"),
    c(LIVENESS_REVIEW = "0.8"),
    c(LIVENESS_BUCKET = "Bad bucket!"),
    c(LIVENESS_DATABASE = " "),
    c(LIVENESS_DATABASE = "mysql://user:secret@host/name"),
    c(LIVENESS_ON_AWS = "yes"),
    c(LIVENESS_ON_AWS = " false ", LIVENESS_PROCESS = "1", LIVENESS_COOKIE_KEY = strrep("0", 64)),
    c(LIVENESS_ATTEMPTS = "0"),
    c(LIVENESS_PAUSE = "x"),
    c(LIVENESS_AUDIT_IMAGES = "5"),
    c(LIVENESS_PROCESS = "one"),
    c(LIVENESS_PROCESS = "2"),
    c(LIVENESS_COOKIE_KEY = "short")
  )
  apps <- lapply(wrong, function(env) back_end(test_emulator(), env = env))
  for (i in seq_along(wrong)) {
    apps[[i]]$process$wait(10000)
    expect_false(apps[[i]]$process$is_alive())
    name <- if (identical(wrong[[i]], c(LIVENESS_PROCESS = "2"))) {
      "LIVENESS_COOKIE_KEY"
    } else {
      names(wrong[[i]])[1]
    }
    message <- as.character(caught(apps[[i]]$process$get_result())$parent)
    expect_match(message, name)
    expect_no_match(message, "secret")
  }
})

test_that("a back end does not start without a region or credentials", {
  file <- withr::local_tempfile(lines = "")
  for (unset in list("AWS_REGION", c("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))) {
    env <- c(
      AWS_DEFAULT_REGION = "",
      AWS_EC2_METADATA_DISABLED = "true",
      AWS_CONFIG_FILE = file,
      AWS_SHARED_CREDENTIALS_FILE = file,
      stats::setNames(character(length(unset)), unset)
    )
    app <- back_end(test_emulator(), env = env)
    app$process$wait(10000)
    expect_false(app$process$is_alive())
    expected <- if (length(unset) == 1) "No region" else "credentials"
    expect_match(as.character(caught(app$process$get_result())$parent), expected)
  }
})

test_that("a completed check is not lost behind many that were abandoned", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  location <- local_databases()[1]
  f <- database_functions()
  db <- f$open_database(location)
  withr::defer(f$close_database(db))
  ids <- vapply(1:61, function(i) svc$create_face_liveness_session()$SessionId, "")
  for (id in ids) {
    # The last one is the youngest.
    f$add_session(db, id, "user", "us-east-1", id, now = Sys.time() - 100)
  }
  emulator$check(ids[61], confidence = 99)
  # Fewer at once than were abandoned.
  app <- back_end(emulator, env = c(LIVENESS_DATABASE = location), added = "most_asked <- 20")
  wait_until(!is.na(f$find_session(db, ids[61])$verdict), "the verdict is recorded")
  expect_identical(f$find_session(db, ids[61])$verdict, "pass")
  asked <- emulator$requests()
  asked <- asked$session_id[asked$operation == "GetFaceLivenessSessionResults"]
  expect_lte(max(table(asked[asked %in% ids])), 2)
  expect_identical(nrow(f$query_database(db, "SELECT * FROM verdicts")), 1L)
})

test_that("a check that could not be started is no attempt", {
  emulator <- test_emulator()
  added <- c(
    "original <- add_session",
    "failures <- 7",
    "add_session <- function(...) {",
    "  failures <<- failures - 1",
    "  if (failures >= 0) stop('secret') else original(...)",
    "}",
    "original_ticket <- ticket_of",
    "ticket_of <- function(...) if (failures >= -7) stop('secret') else original_ticket(...)"
  )
  user <- new_user(app <- back_end(emulator, added = added))
  for (i in 1:14) {
    expect_identical(user("POST", "/sessions")$status, 503L)
  }
  for (i in 1:5) {
    expect_identical(user("POST", "/sessions")$status, 201L)
  }
  expect_identical(user("POST", "/sessions")$status, 429L)
  expect_no_match(app$output(), "secret")
})

test_that("a user is the same one in every locale", {
  for (location in local_databases()) {
    emulator <- test_emulator()
    added <- "current_user <- function(req) req$HTTP_X_FORWARDED_USER"
    frame <- environment()
    apps <- lapply(c("C", "C.UTF-8"), function(locale) {
      env <- c(
        LIVENESS_DATABASE = location,
        LC_ALL = locale,
        LIVENESS_REASON = "J\u00fcrgen sagt",
        LIVENESS_COOKIE_KEY = strrep("0", 64)
      )
      back_end(emulator, env = env, added = added, frame = frame)
    })
    name <- "J\u00fcrgen \u65e5\u672c"
    request <- function(app, method, path, user = name) {
      new_user(app)(method, path, list(`X-Requested-With` = "fetch", `X-Forwarded-User` = enc2utf8(user)))
    }
    for (i in 1:2) {
      id <- request(apps[[i]], "POST", "/sessions")$json$SessionId
      emulator$check(id, confidence = 99)
      as_user <- function(method, path) request(apps[[i]], method, path)
      expect_identical(verdict(as_user, id), "pass")
      expect_identical(request(apps[[3 - i]], "GET", paste0("/sessions/", id))$json$verdict, "pass")
      expect_identical(request(apps[[i]], "GET", paste0("/sessions/", id), "J<fc>rgen")$status, 404L)
    }
    f <- database_functions()
    db <- f$open_database(location)
    expect_identical(f$query_database(db, "SELECT user_id FROM users")$user_id, name)
    expect_identical(unique(f$stored_sessions(db)$reason), "J\u00fcrgen sagt")
    expect_length(unique(c(logged(apps[[1]], "user"), logged(apps[[2]], "user"))), 1)
    f$close_database(db)
  }
})

test_that("a database that cannot be written is not healthy, and the log says why", {
  location <- local_databases()[1]
  app <- back_end(
    test_emulator(),
    env = c(LIVENESS_DATABASE = location),
    added = "invisible(DBI::dbGetQuery(db$connection, 'PRAGMA busy_timeout = 1'))"
  )
  expect_identical(new_user(app)("GET", "/health")$status, 200L)
  f <- database_functions()
  db <- f$open_database(location)
  withr::defer(f$close_database(db))
  f$run_statement(db, "BEGIN IMMEDIATE")
  expect_identical(new_user(app)("GET", "/health")$status, 503L)
  expect_identical(new_user(app)("POST", "/sessions")$status, 503L)
  f$run_statement(db, "ROLLBACK")
  expect_identical(new_user(app)("GET", "/health")$status, 200L)
  errors <- Filter(function(line) line$event == "error", log_lines(app))
  for (error in errors) {
    expect_identical(error[c("where", "error")], list(where = "database", error = "busy"))
  }
  expect_gte(length(errors), 2)
})
