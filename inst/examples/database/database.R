# The database of the example back end and console: SQLite, or PostgreSQL with RPostgres or RPostgreSQL, through DBI.
#
#   source("database.R", chdir = TRUE)
#   db <- open_database("liveness.sqlite")  # or "postgresql://user@host:5432/name", with the password in PGPASSWORD
#
# This file connects and runs statements; records.R, which it sources, knows the tables. A statement is the same for both
# databases. Its values are parameters ($1, $2, ...), never part of its text.
#
# R waits for each statement. They are short, and PostgreSQL ends one that takes more than five seconds. A host that is gone
# is noticed after some seconds, too; but if the server's process is frozen, R waits until it goes on.

# postgresql://user:password@host:port/name?option=value
address_pattern <- paste0(
  "^postgres(ql)?://([^:@/?]*(:[^@/?]*)?@)?(\\[[0-9a-fA-F:.]*\\]|[^:/?@]*)(:[0-9]+)?",
  "(/[^?/]*)?([?][a-z_]+=[^&=]*(&[a-z_]+=[^&=]*)*)?$"
)

# Opens the database, and creates the tables in an empty one. The result is an environment, so that a lost connection can
# be replaced.
open_database <- function(location = Sys.getenv("LIVENESS_DATABASE", "liveness.sqlite")) {
  location <- trimws(location)
  db <- new.env(parent = emptyenv())
  db$is_postgresql <- grepl("^postgres(ql)?://", location)
  # No message quotes it: it can contain a password. RPostgreSQL crashes on an address that libpq cannot read.
  is_address <- grepl(address_pattern, location) && !grepl("%(?![0-9A-Fa-f]{2})|%00", location, perl = TRUE)
  if (!nzchar(location) || (grepl("://", location, fixed = TRUE) && !is_address)) {
    stop(
      "LIVENESS_DATABASE must be the path of a file, or look like postgresql://user:password@host:port/name.",
      call. = FALSE
    )
  }
  if (!db$is_postgresql && (dir.exists(location) || !dir.exists(dirname(location)))) {
    stop("LIVENESS_DATABASE must be the path of a file in a folder that exists.", call. = FALSE)
  }
  # The working directory may change.
  db$location <- if (db$is_postgresql) {
    location
  } else {
    file.path(normalizePath(dirname(location)), basename(location))
  }
  db$in_transaction <- FALSE
  connect_database(db)
  is_ready <- FALSE
  on.exit(if (!is_ready) close_database(db))
  create_tables(db)
  is_ready <- TRUE
  db
}

close_database <- function(db) {
  if (!is.null(db$connection)) {
    suppressWarnings(try(DBI::dbDisconnect(db$connection), silent = TRUE))
    db$connection <- NULL
  }
  invisible(db)
}

connect_database <- function(db) {
  close_database(db)
  if (db$is_postgresql) {
    # R serves no request while it waits for a server that does not respond, so it does not try again at once.
    started <- Sys.time()
    # The clock may have been set back.
    seconds <- as.numeric(c(db$retry_at, started)[1]) - as.numeric(started)
    if (seconds > 0 && seconds < 60) {
      stop("The database could not be reached a moment ago.")
    }
    on.exit(if (is.null(db$connection)) db$retry_at <- Sys.time() + 4 * (Sys.time() - started))
    db$connection <- tryCatch(
      connect_postgresql(db$location),
      error = function(error) stop(hide_address(conditionMessage(error), db$location), call. = FALSE)
    )
    run_statement(db, "SET statement_timeout = 5000")
    run_statement(db, "SET client_encoding = 'UTF8'")
    return(invisible(db))
  }
  # Only this user may read the file, and the two that SQLite puts next to it.
  mask <- Sys.umask("077")
  on.exit(Sys.umask(mask))
  # FULL: a verdict that was recorded survives a power failure.
  db$connection <- DBI::dbConnect(RSQLite::SQLite(), db$location, synchronous = "full", bigint = "numeric")
  # Set first, because the next statement may have to wait for other processes, too.
  DBI::dbGetQuery(db$connection, "PRAGMA busy_timeout = 5000")
  # Readers and a writer do not wait for each other.
  DBI::dbGetQuery(db$connection, "PRAGMA journal_mode = WAL")
  DBI::dbExecute(db$connection, "PRAGMA foreign_keys = ON")
  # What is deleted is overwritten.
  DBI::dbGetQuery(db$connection, "PRAGMA secure_delete = ON")
  invisible(db)
}

# For a host that does not respond: milliseconds in tcp_user_timeout, else seconds.
connection_options <- c(
  connect_timeout = "5",
  keepalives_idle = "5",
  keepalives_interval = "2",
  keepalives_count = "3",
  tcp_user_timeout = "10000"
)

connect_postgresql <- function(location) {
  for (name in names(connection_options)) {
    option <- paste0(name, "=")
    if (!grepl(option, location, fixed = TRUE)) {
      start <- if (grepl("?", location, fixed = TRUE)) "&" else "?"
      location <- paste0(location, start, option, connection_options[[name]])
    }
  }
  if (!requireNamespace("RPostgres", quietly = TRUE)) {
    # libpq accepts the whole address as the name.
    return(DBI::dbConnect(RPostgreSQL::PostgreSQL(), dbname = location))
  }
  do.call(DBI::dbConnect, c(list(RPostgres::Postgres(), bigint = "numeric"), parse_address(location)))
}

# libpq quotes an address that it does not understand.
hide_address <- function(message, location) {
  password <- sub("^[a-z]+://([^:@/]*:([^@]*)@)?.*", "\\2", location)
  is_secret <- grepl("://", message, fixed = TRUE) ||
    (nzchar(password) && grepl(password, message, fixed = TRUE))
  paste0(
    "The database of LIVENESS_DATABASE cannot be reached: ",
    if (is_secret) "the address is not valid." else message
  )
}

# RPostgres needs the parts of postgresql://user:password@host:port/name?option=value.
parse_address <- function(location) {
  pattern <- "^[a-z]+://(([^:@/]*)(:([^@/]*))?@)?(\\[[^]]*\\]|[^:/?]*)(:([0-9]+))?(/([^?]*))?(\\?(.*))?$"
  parts <- regmatches(location, regexec(pattern, location))[[1]]
  if (length(parts) == 0) {
    stop("LIVENESS_DATABASE must look like postgresql://user:password@host:port/name.")
  }
  parts <- list(
    user = parts[3],
    password = parts[5],
    host = gsub("[][]", "", parts[6]),
    port = parts[8],
    dbname = parts[10]
  )
  query <- sub("^[^?]*[?]?", "", location)
  options <- strsplit(strsplit(query, "&", fixed = TRUE)[[1]], "=", fixed = TRUE)
  parts[vapply(options, `[`, "", 1)] <- lapply(options, function(option) paste(option[-1], collapse = "="))
  lapply(Filter(nzchar, parts), utils::URLdecode)
}

# A statement in a file ends with an empty line. Only one process creates the tables.
create_tables <- function(db) {
  file <- if (db$is_postgresql) "postgresql.sql" else "sqlite.sql"
  transaction(db, function() {
    if (db$is_postgresql) {
      run_statement(db, "SELECT count(*) FROM pg_advisory_xact_lock(1818850917)")
    }
    exists <- if (db$is_postgresql) {
      "SELECT to_regclass('schema_version') IS NOT NULL AS found"
    } else {
      "SELECT count(*) > 0 AS found FROM sqlite_master WHERE name = 'schema_version'"
    }
    if (!as.logical(run_query(db, exists)$found)) {
      for (statement in schema_statements(file)) {
        run_statement(db, statement)
      }
    }
  })
  version <- run_query(db, "SELECT version FROM schema_version")$version
  if (!identical(as.numeric(version), 1)) {
    stop("The tables in the database are of version ", version, ", and this program needs version 1.")
  }
}

database_folder <- getwd()

schema_statements <- function(file) {
  text <- paste(readLines(file.path(database_folder, file)), collapse = "\n")
  statements <- strsplit(text, "\n\n+")[[1]]
  statements[grepl("(^|\n)[^-\n]", statements)]
}

# Runs `work`, whole or not at all. Each insertion in it has a key that is not from the database, so that it is repeatable.
transaction <- function(db, work) {
  if (db$in_transaction) work() else with_connection(db, function() run_transaction(db, work))
}

# If the connection was lost, for example because PostgreSQL was restarted, `work` is run once more on a new one. The first
# time may have taken effect without us knowing.
with_connection <- function(db, work) {
  again <- function(error) {
    if (is_connected(db)) {
      stop(error)
    }
    connect_database(db)
    work()
  }
  tryCatch(tryCatch(work(), error = again), error = function(error) stop(database_error(error)))
}

# The error with a code for the log. Its message could quote a value.
database_error <- function(error) {
  message <- conditionMessage(error)
  patterns <- c(
    busy = "is locked",
    full = "disk is full|No space left",
    timeout = "statement timeout",
    `read-only` = "read-?only",
    permission = "permission denied",
    constraint = "constraint|violates",
    connection = "connect|reached"
  )
  is_found <- vapply(patterns, grepl, NA, message)
  code <- c(names(patterns)[is_found], "other")[1]
  errorCondition(message, code = code, class = "database_error", call = conditionCall(error))
}

run_transaction <- function(db, work) {
  if (is.null(db$connection)) {
    connect_database(db)
  }
  # In SQLite a transaction that reads before it writes could fail instead of waiting.
  run_statement(db, if (db$is_postgresql) "BEGIN" else "BEGIN IMMEDIATE")
  db$in_transaction <- TRUE
  is_done <- FALSE
  on.exit({
    db$in_transaction <- FALSE
    if (!is_done) try(run_statement(db, "ROLLBACK"), silent = TRUE)
  })
  value <- work()
  run_statement(db, "COMMIT")
  is_done <- TRUE
  value
}

# A data frame with the rows that a SELECT returns.
query_database <- function(db, statement, ...) {
  query <- function() run_query(db, statement, ...)
  if (db$in_transaction) query() else with_connection(db, query)
}

is_connected <- function(db) {
  !is.null(db$connection) && !inherits(try(run_query(db, "SELECT 1 AS one"), silent = TRUE), "try-error")
}

run_query <- function(db, statement, ...) {
  call <- statement_call(db, statement, list(...))
  result <- do.call(DBI::dbSendQuery, call)
  on.exit(DBI::dbClearResult(result))
  rows <- DBI::dbFetch(result, n = -1)
  is_text <- vapply(rows, is.character, NA)
  rows[is_text] <- lapply(rows[is_text], function(text) `Encoding<-`(text, "UTF-8"))
  rows
}

# The number of rows that the statement has changed.
run_statement <- function(db, statement, ...) {
  call <- statement_call(db, statement, list(...))
  result <- do.call(DBI::dbSendStatement, call)
  on.exit(DBI::dbClearResult(result))
  DBI::dbGetRowsAffected(result)
}

# The arguments of DBI's functions. A value is one string or number, NA for NULL, or bytes. RPostgreSQL passes only text:
# in PostgreSQL, bytes are passed as base64, which the statement decodes, and NULL is written into the statement.
statement_call <- function(db, statement, values) {
  values <- unname(values)
  if (length(values) == 0) {
    return(list(db$connection, statement))
  }
  if (!db$is_postgresql) {
    # SQLite counts `$1` by its place in the statement, and `?1` by its number.
    statement <- gsub("\\$([0-9]+)", "?\\1", statement)
    return(list(
      db$connection,
      statement,
      params = lapply(values, function(value) {
        if (is.raw(value)) list(if (length(value) > 0) value) else value
      })
    ))
  }
  texts <- lapply(values, function(value) {
    if (is.raw(value)) {
      if (length(value) > 0) jsonlite::base64_enc(value) else NA
    } else if (is.numeric(value) && !is.na(value)) {
      sprintf("%.17g", value)
    } else {
      enc2utf8(as.character(value))
    }
  })
  is_null <- is.na(texts)
  numbers <- cumsum(!is_null)
  for (i in seq_along(texts)) {
    to <- if (is_null[i]) "NULL" else paste0("$", numbers[i])
    statement <- gsub(sprintf("\\$%d\\b", i), to, statement, perl = TRUE)
  }
  c(list(db$connection, statement), if (!all(is_null)) list(params = texts[!is_null]))
}

# Bytes, as a value in a statement and as a column of a query.
bytes_value <- function(db, placeholder) {
  if (db$is_postgresql) sprintf("decode(%s, 'base64')", placeholder) else placeholder
}

bytes_column <- function(db) {
  if (db$is_postgresql) "encode(bytes, 'base64') AS bytes" else "bytes"
}

bytes_of <- function(column, i) {
  value <- column[[i]]
  if (is.character(value)) {
    if (is.na(value)) raw() else jsonlite::base64_dec(value)
  } else {
    c(raw(), value)
  }
}

# Times in the database, and back.
time_text <- function(time = Sys.time()) {
  # Rounded, because format() truncates.
  format(.POSIXct(round(as.numeric(time) * 1000) / 1000 + 1e-4, "UTC"), "%Y-%m-%dT%H:%M:%OS3Z")
}

time_of <- function(text) {
  as.POSIXct(text, format = "%Y-%m-%dT%H:%M:%OSZ", tz = "UTC")
}

source("records.R", local = TRUE)
