# The example's database: SQLite, and a PostgreSQL server that these tests start.

# A new environment with the functions of the example.
database_functions <- function() {
  functions <- new.env()
  sys.source(
    system.file("examples", "database", "database.R", package = "rekognition"),
    functions,
    chdir = TRUE
  )
  functions
}

# Runs a test in both databases. `test` gets the functions of the example and the location of an empty database.
in_both_databases <- function(test) {
  skip_without_databases()
  functions <- database_functions()
  for (location in c(withr::local_tempfile(fileext = ".sqlite"), local_postgresql()$new_database())) {
    # A failure names the database.
    withr::with_options(list(database = location), test(functions, location))
  }
}

skip_without_databases <- function() {
  testthat::skip_on_cran()
  for (package in c("DBI", "RSQLite", "RPostgreSQL", "jsonlite")) {
    testthat::skip_if_not_installed(package)
  }
  testthat::skip_if_not(nzchar(postgresql_folder()), "PostgreSQL is not installed")
}

# Debian has several versions side by side, outside of PATH.
postgresql_folder <- function() {
  folders <- c(rev(Sys.glob("/usr/lib/postgresql/*/bin")), dirname(Sys.which("initdb")))
  c(folders[file.exists(file.path(folders, "initdb"))], "")[1]
}

# PostgreSQL does not run as root.
as_unprivileged <- function(command, arguments) {
  if (Sys.info()[["effective_user"]] == "root") {
    arguments <- c("-u", "nobody", "--", command, arguments)
    command <- "runuser"
  }
  list(command = command, arguments = arguments)
}

the_postgresql <- new.env()

# One server for all tests of this process, as an unprivileged user. A list of functions: `new_database()` returns the
# location of an empty one; `restart()` disconnects every client; `stop()` and
# `start()`, which does nothing if it runs.
local_postgresql <- function() {
  # The server of earlier tests may have ended.
  if (is.null(the_postgresql$server) || !the_postgresql$server$responds()) {
    the_postgresql$server <- start_postgresql()
    withr::defer(the_postgresql$server$remove(), testthat::teardown_env())
  }
  the_postgresql$server
}

start_postgresql <- function() {
  folder <- tempfile("postgresql")
  dir.create(folder)
  if (Sys.info()[["effective_user"]] == "root") {
    # The folder of temporary files is root's.
    Sys.chmod(dirname(folder), "711")
    stopifnot(system2("chown", c("nobody", folder)) == 0)
  }
  data <- file.path(folder, "data")
  port <- httpuv::randomPort()
  run <- function(program, ...) {
    call <- as_unprivileged(file.path(postgresql_folder(), program), c(...))
    result <- processx::run(call$command, call$arguments, wd = folder, error_on_status = FALSE, timeout = 120)
    if (result$status != 0) {
      stop(program, " failed: ", result$stdout, result$stderr)
    }
  }
  run("initdb", "-D", data, "-U", "liveness", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
  options <- sprintf("-p %d -k %s -c listen_addresses=127.0.0.1 -c max_connections=60", port, folder)
  control <- function(...) run("pg_ctl", "-D", data, "-w", "-l", file.path(folder, "log"), "-o", options, ...)
  address <- function(name) sprintf("postgresql://liveness@127.0.0.1:%d/%s", port, name)
  is_running <- FALSE
  start <- function() {
    if (!is_running) {
      control("start")
    }
    is_running <<- TRUE
  }
  start()
  count <- 0
  connect <- function() DBI::dbConnect(RPostgreSQL::PostgreSQL(), dbname = address("postgres"))
  list(
    responds = function() {
      connection <- tryCatch(connect(), error = function(e) NULL)
      is.null(connection) || DBI::dbDisconnect(connection)
      !is.null(connection)
    },
    new_database = function() {
      count <<- count + 1
      name <- paste0("liveness", count)
      connection <- connect()
      on.exit(DBI::dbDisconnect(connection))
      DBI::dbClearResult(DBI::dbSendQuery(connection, paste("CREATE DATABASE", name)))
      address(name)
    },
    start = start,
    stop = function() {
      control("-m", "fast", "stop")
      is_running <<- FALSE
    },
    restart = function() control("-m", "fast", "restart"),
    remove = function() {
      try(control("-m", "immediate", "stop"), silent = TRUE)
      unlink(folder, recursive = TRUE)
    }
  )
}

# A row of results, as a back end records it.
stored_row <- function(...) {
  row <- data.frame(
    status = "SUCCEEDED",
    confidence = 98.63105010986328,
    challenge_type = "FaceMovementChallenge",
    challenge_version = "1.0.0",
    error_code = NA_character_,
    request_id = "request"
  )
  row[names(list(...))] <- list(...)
  row$reference_image <- list(NULL)
  row$audit_images <- list(list())
  row
}

local_database <- function(f, location, frame = parent.frame()) {
  db <- f$open_database(location)
  withr::defer(f$close_database(db), frame)
  db
}

# A session that was created some seconds ago.
stored_session <- function(f, db, id, user = "user", age = 0) {
  f$add_session(db, id, user, "eu-west-1", paste0("token-", id), now = Sys.time() - age)
}

table_of <- function(f, db, name) {
  f$query_database(db, paste("SELECT * FROM", name))
}
