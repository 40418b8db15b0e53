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
  statuses <- vapply(1:20, function(i) new_user(app)("POST", "/sessions")$status, 1L)
  expect_true(429L %in% statuses)
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
