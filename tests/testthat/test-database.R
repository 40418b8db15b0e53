# The database of the examples. Each test runs in SQLite and in PostgreSQL.

test_that("a verdict is recorded once, and the first one stays", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    other <- local_database(f, location)
    stored_session(f, db, "a")
    expect_identical(f$find_session(db, "a")$verdict, NA_character_)
    expect_true(f$record_verdict(db, "a", "pass", stored_row(), c(review = 80, pass = 95), "reason"))
    expect_false(f$record_verdict(other, "a", "fail", stored_row(confidence = 1), c(pass = 99)))
    expect_identical(f$find_session(other, "a")$verdict, "pass")
    stored <- f$stored_sessions(other)
    expect_identical(stored$confidence, 98.63105010986328)
    expect_identical(stored$review_threshold, 80)
    expect_identical(stored$pass_threshold, 95)
    expect_identical(stored$reason, "reason")
    expect_identical(stored$request_id, "request")
    expect_identical(sum(table_of(f, db, "audit")$action == "verdict recorded"), 1L)
    expect_error(f$run_statement(db, "UPDATE verdicts SET verdict = 'fail'"))
    expect_error(f$record_verdict(db, "unknown", "pass", stored_row(), c(pass = 95)))
  })
})

test_that("a verdict that cannot be recorded whole is not recorded at all", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    stored_session(f, db, "a")
    broken <- stored_row()
    broken$reference_image <- list(list(Bytes = as.raw(1), BoundingBox = list(Width = quote(x))))
    expect_error(f$record_verdict(db, "a", "pass", broken, c(pass = 95)))
    expect_identical(nrow(table_of(f, db, "verdicts")), 0L)
    expect_true(f$record_verdict(db, "a", "fail", stored_row(), c(pass = 95)))
  })
})

test_that("images come back bit for bit, with their boxes and addresses", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    emulator <- test_emulator()
    svc <- rekognition(emulator$config)
    ids <- checked_sessions(emulator, svc, 2, Settings = list(AuditImagesLimit = 3))
    results <- liveness_results(ids, svc, progress = FALSE)
    in_s3 <- list(Bucket = "bucket", Name = "n\u00e4me", Version = "1")
    results$audit_images[[2]][[1]][c("Bytes", "S3Object")] <- list(raw(), in_s3)
    for (i in 1:2) {
      stored_session(f, db, ids[i])
      f$record_verdict(db, ids[i], "pass", results[i, ], c(pass = 95))
      images <- f$stored_images(db, ids[i])
      expect_identical(plain_image(images$reference_image), plain_image(results$reference_image[[i]]))
      expect_identical(
        lapply(images$audit_images, plain_image),
        lapply(unname(results$audit_images[[i]]), plain_image)
      )
    }
    expect_identical(sort(f$stored_sessions(db)$n_audit_images), lengths(results$audit_images))
    expect_identical(f$stored_images(db, "unknown"), list(reference_image = NULL, audit_images = list()))
  })
})

test_that("text is stored as it is, whatever it says", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    texts <- c(
      "'; DROP TABLE users; --",
      "$1 ?2 %s",
      "NA",
      "",
      "\u00e9\u732b\U1f600",
      "\\x41",
      "NULL",
      strrep("x", 1e5)
    )
    stored_session(f, db, "a")
    for (text in texts) {
      expect_true(f$add_review(db, "a", text, "live", text))
    }
    f$add_review(db, "a", "reviewer", NULL, NULL)
    reviews <- f$stored_reviews(db)
    expect_identical(reviews$note, c(texts, NA))
    expect_identical(reviews$reviewer, c(texts, "reviewer"))
    expect_identical(reviews$label, c(rep("live", length(texts)), NA))
    expect_error(f$add_review(db, "a", "reviewer", "perhaps"))
    expect_false(f$add_review(db, "unknown", "reviewer", "live"))
  })
})

test_that("five checks in three minutes that were not passed are followed by a pause", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    now <- as.POSIXct("2026-01-31 23:59:00", tz = "UTC")
    attempt <- function(seconds, user = "user", verdict = NULL) {
      id <- paste0(user, seconds)
      wait <- f$start_attempt(db, id, user, now = now + seconds)
      if (wait == 0) {
        f$add_session(db, id, user, "eu-west-1", id, now = now + seconds)
      }
      if (wait == 0 && !is.null(verdict)) {
        f$record_verdict(db, id, verdict, stored_row(), c(pass = 95), now = now + seconds)
      }
      wait
    }
    for (seconds in c(0, 10, 20)) {
      expect_identical(attempt(seconds, verdict = "fail"), 0)
    }
    # A check that was passed or needs a review does not count; one that is still running does.
    expect_identical(attempt(30, verdict = "pass"), 0)
    expect_identical(attempt(40, verdict = "review"), 0)
    expect_identical(attempt(50), 0)
    expect_identical(attempt(180, verdict = "fail"), 0)
    expect_identical(attempt(180.5), 1800)
    expect_identical(attempt(1000), 980)
    expect_identical(attempt(1000, "other"), 0)
    expect_identical(attempt(1980), 0)
    # Slower than that is no reason to pause.
    for (seconds in seq(0, 500, by = 50)) {
      expect_identical(attempt(seconds, "slow", "fail"), 0)
    }
    # A check that the service did not create does not count.
    for (seconds in 1:9) {
      expect_identical(attempt(seconds, "unlucky"), 0)
      f$cancel_attempt(db, paste0("unlucky", seconds))
    }
  })
})

test_that("an attempt whose session was not created counts for half a minute", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    now <- Sys.time()
    attempt <- function(i, seconds) f$start_attempt(db, paste0("id", i), "user", now = now + seconds)
    for (i in 1:5) {
      expect_identical(attempt(i, i), 0)
    }
    expect_gt(attempt(6, 29), 0)
    expect_identical(attempt(6, 36), 0)
  })
})

test_that("attempts and leases from a clock that was ahead do not count", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    later <- Sys.time() + 7200
    for (i in 1:5) {
      expect_identical(f$start_attempt(db, paste0("id", i), "user", now = later), 0)
    }
    expect_identical(f$start_attempt(db, "now", "user"), 0)
    expect_true(f$take_lease(db, "work", "one", 60, now = later))
    expect_true(f$take_lease(db, "work", "two", 60))
    expect_false(f$take_lease(db, "work", "one", 60))
  })
})

test_that("a review is added once, although the connection is lost after it was committed", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    stored_session(f, db, "a")
    run <- f$run_statement
    is_lost <- FALSE
    f$run_statement <- function(db, statement, ...) {
      value <- run(db, statement, ...)
      if (statement == "COMMIT" && !is_lost) {
        is_lost <<- TRUE
        f$close_database(db)
        stop("The connection is lost.")
      }
      value
    }
    expect_true(f$add_review(db, "a", "reviewer", "live"))
    expect_true(is_lost)
    expect_identical(f$stored_reviews(db)$label, "live")
    expect_identical(sum(table_of(f, db, "audit")$action == "review added"), 1L)
    expect_false(f$add_review(db, "none", "reviewer", "live"))
  })
})

test_that("a session that can still run is not deleted", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    stored_session(f, db, "running", age = 300)
    stored_session(f, db, "old", age = 900)
    expect_identical(f$delete_sessions(db, Sys.time() + 1000)$session_id, "old")
    expect_identical(f$delete_sessions(db, as.difftime(0, units = "secs"))$session_id, character())
  })
})

test_that("old sessions are deleted with all that belongs to them, and the audit stays", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    ids <- sprintf("session-%02d", 1:50)
    image <- liveness_image(as.raw(1:100))
    row <- stored_row()
    row$reference_image <- list(image)
    for (id in ids) {
      f$start_attempt(db, paste0("token-", id), paste0("of-", id), now = Sys.time() - 1000)
      stored_session(f, db, id, paste0("of-", id), age = 1000)
      f$record_verdict(db, id, "pass", row, c(pass = 95))
      f$add_review(db, id, "reviewer", "live")
    }
    stored_session(f, db, "young")
    expect_identical(nrow(f$delete_sessions(db, Sys.time() - 2000)), 0L)
    audit <- table_of(f, db, "audit")
    gone <- f$delete_sessions(db, as.difftime(500, units = "secs"), limit = 30)
    gone <- rbind(gone, f$delete_sessions(db, Sys.time() - 500))
    expect_setequal(gone$session_id, ids)
    expect_identical(gone$images, rep(1, 50))
    expect_identical(gone$bytes, rep(100, 50))
    expect_identical(f$stored_sessions(db)$session_id, "young")
    for (name in c("verdicts", "images", "reviews", "attempts")) {
      expect_identical(nrow(table_of(f, db, name)), 0L, info = name)
    }
    expect_identical(table_of(f, db, "users")$user_id, "user")
    expect_identical(table_of(f, db, "audit")[seq_len(nrow(audit)), ], audit)
    expect_identical(sum(table_of(f, db, "audit")$action == "session deleted"), 50L)
  })
})

test_that("sessions come in pages, the newest first", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    expect_identical(nrow(f$stored_sessions(db)), 0L)
    for (i in 1:5) {
      stored_session(f, db, letters[i], age = 600 * i)
    }
    pages <- lapply(c(0, 2, 4), function(offset) f$stored_sessions(db, limit = 2, offset = offset)$session_id)
    expect_identical(unlist(pages), letters[1:5])
    expect_identical(f$count_sessions(db), 5)
    expect_identical(f$undecided_sessions(db, Sys.time() - 1500, "eu-west-1"), c("e", "d", "c"))
    expect_identical(f$undecided_sessions(db, Sys.time(), "us-east-1"), character())
    report <- withr::local_tempfile(fileext = ".html")
    liveness_report(f$stored_sessions(db), report)
    expect_gt(file.size(report), 0)
  })
})

test_that("only one process at a time has a lease, until it ends", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    other <- local_database(f, location)
    expect_true(f$take_lease(db, "work", "one", 60))
    expect_false(f$take_lease(other, "work", "two", 60))
    expect_true(f$take_lease(other, "more", "two", 60))
    expect_true(f$take_lease(db, "work", "one", 60))
    expect_true(f$take_lease(other, "work", "two", 60, now = Sys.time() + 61))
  })
})

test_that("a change is seen by its stamp", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    other <- local_database(f, location)
    stamps <- f$change_stamp(other)
    stored_session(f, db, "a")
    stamps <- c(stamps, f$change_stamp(other))
    f$record_verdict(db, "a", "pass", stored_row(), c(pass = 95))
    stamps <- c(stamps, f$change_stamp(other))
    f$add_review(db, "a", "reviewer", "live")
    expect_true(all(diff(c(stamps, f$change_stamp(other))) > 0))
  })
})

test_that("the connection survives a restart of PostgreSQL", {
  skip_without_databases()
  f <- database_functions()
  server <- local_postgresql()
  db <- local_database(f, server$new_database())
  server$restart()
  stored_session(f, db, "a")
  server$restart()
  expect_identical(f$count_sessions(db), 1)
  server$stop()
  withr::defer(server$start())
  expect_error(f$record_verdict(db, "a", "pass", stored_row(), c(pass = 95)))
  server$start()
  expect_true(f$record_verdict(db, "a", "pass", stored_row(), c(pass = 95)))
})

test_that("a server that does not respond is not waited for by every request", {
  skip_without_databases()
  f <- database_functions()
  # Nothing reads what arrives here.
  port <- free_ports(1)
  silent <- serverSocket(port)
  withr::defer(close(silent))
  db <- list2env(list(is_postgresql = TRUE, in_transaction = FALSE), parent = emptyenv())
  db$location <- sprintf("postgresql://liveness@127.0.0.1:%d/liveness?connect_timeout=2", port)
  expect_error(f$connect_database(db), "timeout")
  expect_error(f$count_sessions(db), "a moment ago")
})

test_that("the address of PostgreSQL is taken apart for RPostgres", {
  skip_without_databases()
  f <- database_functions()
  expect_identical(
    f$parse_address("postgresql://me:p%40ss@db.example:5433/checks?connect_timeout=5&sslmode=verify-full"),
    list(
      user = "me",
      password = "p@ss",
      host = "db.example",
      port = "5433",
      dbname = "checks",
      connect_timeout = "5",
      sslmode = "verify-full"
    )
  )
  expect_identical(f$parse_address("postgres://[::1]/x"), list(host = "::1", dbname = "x"))
  expect_error(f$parse_address("postgresql://a b:c:d/"), "must look like")
})
