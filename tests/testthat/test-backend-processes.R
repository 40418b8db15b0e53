# The example back end as start.R starts it: several processes behind nginx.

# The process that has created this session.
process_of <- function(created) sub(".*/", "", created$json$relay)

# Users with a session in each of so many processes.
sessions_in_processes <- function(app, n) {
  found <- list()
  wait_until(
    {
      user <- new_user(app)
      created <- user("POST", "/sessions")
      if (created$status == 201) {
        found[[process_of(created)]] <- list(
          user = user,
          id = created$json$SessionId,
          relay = created$json$relay
        )
      }
      length(found) == n
    },
    "each process has created a session"
  )
  found
}

test_that("any process answers for a session, and frames reach the one that has its relay", {
  for (location in local_databases()) {
    emulator <- test_emulator()
    app <- local_started(emulator, location)
    for (session in sessions_in_processes(app, 2)) {
      emulator$check(session$id, confidence = 99)
      expect_identical(verdict(session$user, session$id), "pass")
      for (i in 1:4) {
        # An empty body is refused by the relay, not by another process.
        expect_identical(session$user("POST", session$relay)$status, 200L)
        expect_identical(session$user("GET", paste0("/sessions/", session$id))$json$verdict, "pass")
      }
      for (process in c("0", "3", "12", "99999", "127.0.0.1:80")) {
        path <- sub("[0-9]+$", process, session$relay)
        expect_identical(session$user("POST", path)$status, 404L, info = process)
      }
      expect_identical(new_user(app)("POST", session$relay)$status, 404L)
    }
  }
})

test_that("behind nginx the page is protected as without it", {
  emulator <- test_emulator()
  app <- local_started(emulator, local_databases()[1], env = c(LIVENESS_STARTS = "1", LIVENESS_BURST = "3"))
  user <- new_user(app)
  page <- user("GET", "/")
  expect_match(page$headers$`content-security-policy`, "default-src 'none'", fixed = TRUE)
  expect_identical(page$headers$`x-frame-options`, "DENY")
  expect_null(page$headers$via)
  for (file in c("liveness.js", "liveness.css", "model.json", "model.bin")) {
    response <- curl::curl_fetch_memory(paste0(app$url, "/liveness/", file), curl::new_handle(noproxy = "*"))
    path <- file.path(liveness_page(), file)
    expect_identical(response$content, readBin(path, "raw", file.size(path)))
    expect_identical(curl::parse_headers_list(response$headers)$`x-content-type-options`, "nosniff")
  }
  for (path in c(
    "/liveness/",
    "/liveness/../nginx.conf",
    "/liveness../nginx.conf",
    "/nginx.conf",
    "/plumber.R"
  )) {
    expect_true(user("GET", path)$status %in% c(400L, 403L, 404L), info = path)
  }
  expect_identical(user("POST", "/sessions", list())$status, 403L)
  expect_match(send_bytes(app, request_text("POST /sessions", "Content-Length: 2000000")), "^HTTP/1.1 413 ")
  # nginx limits the checks that an address can start per second, for all of its users together.
  responses <- send_at_once(20, paste0(app$url, "/sessions"), "POST")
  expect_true(429L %in% vapply(responses, `[[`, 1L, "status"))
})

test_that("if a process ends, the others go on, and it is started again", {
  emulator <- test_emulator()
  app <- local_started(emulator, local_databases()[1])
  sessions <- sessions_in_processes(app, 2)
  emulator$check(sessions$`1`$id, confidence = 99)
  pids <- function() {
    is_first <- function(line) line$event == "started" && line$process == "1"
    vapply(Filter(is_first, log_lines(app)), `[[`, 1L, "pid")
  }
  tools::pskill(pids(), tools::SIGKILL)
  expect_identical(verdict(sessions$`1`$user, sessions$`1`$id), "pass")
  expect_identical(new_user(app)("POST", "/sessions")$status, 201L)
  wait_until(grepl("Starting process 1 again", app$output()), "the process is started again")
  wait_until(length(pids()) == 2, "it runs")
  sessions_in_processes(app, 2)
})

# start.R with these settings: its exit status and what it prints. It must end by itself.
run_start <- function(env) {
  skip_on_cran()
  skip_without_page()
  env <- c(
    R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep),
    app_env(NULL),
    LIVENESS_THRESHOLD = "90",
    env
  )
  env <- env[!duplicated(names(env), fromLast = TRUE)]
  processx::run(
    file.path(R.home("bin"), "Rscript"),
    c("--vanilla", "start.R"),
    wd = system.file("examples", "plumber", package = "rekognition"),
    env = c("current", env),
    error_on_status = FALSE,
    timeout = 120
  )
}

test_that("start.R does not start with wrong settings, and never on the emulator by mistake", {
  for (setting in list(
    c(LIVENESS_ON_AWS = "yes"),
    c(LIVENESS_ON_AWS = "true "),
    c(LIVENESS_PORT = "65535"),
    c(LIVENESS_STARTS = "x"),
    c(LIVENESS_BURST = "0.5"),
    c(LIVENESS_LISTEN = "localhost; }"),
    c(LIVENESS_THRESHOLD = "0.9")
  )) {
    port <- free_ports(3)
    without_aws <- c(AWS_REGION = "", AWS_DEFAULT_REGION = "", AWS_EC2_METADATA_DISABLED = "true")
    result <- run_start(c(LIVENESS_PORT = as.character(port), without_aws, setting))
    expect_identical(result$status, 1L)
    expect_match(result$stderr, if (setting[1] == "true ") "has ended" else names(setting))
    expect_no_match(result$stderr, "Running")
  }
})

test_that("start.R says which port is in use", {
  port <- free_ports(3)
  for (used in port + 0:2) {
    other <- serverSocket(used)
    result <- run_start(c(LIVENESS_PORT = as.character(port)))
    close(other)
    expect_identical(result$status, 1L)
    expect_match(result$stderr, sprintf("Port %d is in use", used))
    expect_no_match(result$stderr, "Running")
  }
})

test_that("start.R leaves no temporary files, and nginx writes no address", {
  folder <- withr::local_tempdir()
  Sys.chmod(folder, "711")
  app <- local_started(test_emulator(), local_databases()[1], env = c(TMPDIR = folder, LIVENESS_BURST = "1"))
  expect_match(app$output(), "Running at http://127.0.0.1:")
  responses <- send_at_once(20, paste0(app$url, "/sessions"), "POST")
  expect_true(429L %in% vapply(responses, `[[`, 1L, "status"))
  # nginx's own errors have headers, too.
  for (request in list(
    request_text("POST /sessions", "Content-Length: 2000000"),
    request_text("GET /sessions/00000000-0000-0000-0000-000000000000/relay/9"),
    request_text("GET /liveness/none"),
    "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"
  )) {
    response <- send_bytes(app, request)
    expect_match(response, "^HTTP/1.1 4(13|04|00) ")
    for (header in c(
      "X-Frame-Options: DENY",
      "X-Content-Type-Options: nosniff",
      "Content-Security-Policy: default"
    )) {
      expect_length(gregexpr(header, response, fixed = TRUE)[[1]], 1)
      expect_match(response, header, fixed = TRUE)
    }
  }
  expect_no_match(app$output(), "client:|limiting")
  expect_length(dir(folder), 1)
  app$process$signal(tools::SIGTERM)
  wait_until(length(dir(folder)) == 0, "the temporary files are deleted")
})
