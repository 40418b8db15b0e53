# What the database of the examples refuses.

test_that("nothing in the audit can be changed or deleted", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    stored_session(f, db, "a")
    before <- table_of(f, db, "audit")
    attempts <- c(
      "UPDATE audit SET actor = 'x'",
      "DELETE FROM audit",
      if (db$is_postgresql) {
        c(
          "TRUNCATE audit",
          "INSERT INTO audit OVERRIDING SYSTEM VALUE
          SELECT * FROM audit ON CONFLICT (audit_id) DO UPDATE SET actor = 'x'"
        )
      } else {
        c(
          "INSERT OR REPLACE INTO audit SELECT audit_id, at, 'x', action, session_id, detail FROM audit",
          "INSERT INTO audit SELECT * FROM audit WHERE true ON CONFLICT DO UPDATE SET actor = 'x'"
        )
      }
    )
    for (statement in attempts) {
      expect_error(f$run_statement(db, statement), "only appended to", info = statement)
    }
    expect_identical(table_of(f, db, "audit"), before)
  })
})

test_that("sessions, verdicts and reviews cannot be replaced or emptied, and go only with their session", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    stored_session(f, db, "a")
    f$record_verdict(db, "a", "fail", stored_row(), c(pass = 95))
    f$add_review(db, "a", "reviewer", "live")
    tables <- c("sessions", "verdicts", "reviews")
    before <- lapply(tables, function(name) table_of(f, db, name))
    attempts <- if (db$is_postgresql) {
      paste("TRUNCATE", tables, "CASCADE")
    } else {
      c(
        "INSERT OR REPLACE INTO sessions (session_id, user_id, created_at) VALUES ('a', 'user', 'x')",
        "REPLACE INTO sessions (session_id, user_id, created_at, create_request_id)
         VALUES ('b', 'user', 'x', 'token-a')",
        "REPLACE INTO verdicts (session_id, verdict, pass_threshold, decided_at) VALUES ('a', 'pass', 1, 'x')",
        "INSERT OR REPLACE INTO reviews
         SELECT review_id, session_id, reviewer_id, 'attack', 'x', 'x', 'x' FROM reviews",
        "INSERT OR REPLACE INTO reviews
         SELECT review_id + 1, session_id, reviewer_id, 'attack', 'x', 'x', review_key FROM reviews"
      )
    }
    for (statement in c(attempts, "DELETE FROM verdicts", "DELETE FROM reviews")) {
      # SQLite ignores some.
      try(f$run_statement(db, statement), silent = TRUE)
      after <- lapply(tables, function(name) table_of(f, db, name))
      expect_identical(after, before, info = statement)
    }
    f$run_statement(db, "DELETE FROM sessions")
    for (name in tables) {
      expect_identical(nrow(table_of(f, db, name)), 0L, info = name)
    }
  })
})

test_that("an error has a code that is safe to log", {
  skip_without_databases()
  f <- database_functions()
  code <- function(work) tryCatch(work, database_error = function(error) error$code)
  location <- withr::local_tempfile()
  db <- local_database(f, location)
  expect_identical(code(f$query_database(db, "SELECT secret")), "other")
  stored_session(f, db, "b")
  expect_identical(code(f$add_review(db, "b", "reviewer", "perhaps")), "constraint")
  other <- local_database(f, location)
  DBI::dbGetQuery(db$connection, "PRAGMA busy_timeout = 1")
  f$run_statement(other, "BEGIN IMMEDIATE")
  expect_identical(code(stored_session(f, db, "a")), "busy")
  f$run_statement(other, "ROLLBACK")
  f$run_statement(db, "PRAGMA max_page_count = 1")
  expect_identical(code(f$add_session(db, "a", strrep("x", 1e6), "eu-west-1", "token")), "full")
})

test_that("a wrong location is refused without quoting it", {
  skip_without_databases()
  f <- database_functions()
  server <- local_postgresql()
  wrong <- c(
    "",
    " ",
    "mysql://u:secret@host/x",
    tempdir(),
    file.path(tempdir(), "none", "x.sqlite"),
    "postgresql://u:secret@127.0.0.1:1/x",
    "postgresql://u:secret@127.0.0.1:port/x",
    "postgresql://u:secret@127.0.0.1/x?sslmode",
    "postgresql://u:sec/ret@127.0.0.1/secret",
    "postgresql://u:%zzsecret@127.0.0.1/x"
  )
  for (location in wrong) {
    message <- conditionMessage(expect_error(f$open_database(location), "LIVENESS_DATABASE"))
    expect_no_match(message, "secret", info = location)
  }
  db <- local_database(f, paste0(" ", server$new_database(), " "))
  expect_identical(f$count_sessions(db), 0)
})

test_that("tables of another version are refused", {
  in_both_databases(function(f, location) {
    db <- local_database(f, location)
    f$run_statement(db, "UPDATE schema_version SET version = 2")
    expect_error(f$open_database(location), "version 2")
  })
})

test_that("a file of the database can be read by its owner only", {
  skip_without_databases()
  skip_on_os("windows")
  f <- database_functions()
  location <- withr::local_tempfile()
  db <- local_database(f, location)
  stored_session(f, db, "a")
  files <- c(location, paste0(location, c("-wal", "-shm")))
  expect_identical(as.character(file.mode(files)), rep("600", 3))
})
