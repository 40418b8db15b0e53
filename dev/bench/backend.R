# The example back end under load, through nginx and several processes, with SQLite and with PostgreSQL in the same run, and
# a service that takes 100 ms for each response. All users start in the same moment, and have a few checks one after
# another. The video is not part of it: after 5 to 15 seconds the emulator completes the check, and the page asks for the
# verdict until it has it.
#
#   R_LIBS=.build/library Rscript dev/bench/backend.R [users] [checks of each]
#
# It prints a table for dev/bench/README.md, and fails if a verdict is lost, wrong, recorded twice or given in two versions.

library(rekognition)
tests <- new.env()
for (file in paste0("helper-", c("database", "backend", "apps", "page", "browser"), ".R")) {
  sys.source(file.path("tests", "testthat", file), tests)
}
arguments <- as.integer(commandArgs(TRUE))
users <- c(arguments[1], 200L)[is.na(arguments[1]) + 1]
checks <- c(arguments[2], 3L)[is.na(arguments[2]) + 1]
processes <- max(2, parallel::detectCores())

# The emulator's checks pass or fail by turns, so that a mixed-up verdict is seen.
expected <- function(number) if (number %% 2 == 0) "pass" else "fail"

# Sends the requests of all users, and returns a data frame of them and a list of the verdicts that the pages got.
run_users <- function(url, emulator) {
  pool <- curl::new_pool(total_con = users, host_con = users)
  requests <- list()
  verdicts <- new.env()
  due <- list()
  active <- 0
  send <- function(method, path, cookie, then) {
    handle <- curl::new_handle(customrequest = method, noproxy = "*", timeout = 120)
    curl::handle_setheaders(handle, .list = c(`X-Requested-With` = "fetch", Cookie = cookie))
    route <- paste(method, sub("/sessions/.*", "/sessions/<id>", path))
    active <<- active + 1
    started <- proc.time()[["elapsed"]]
    finish <- function(status, response = NULL) {
      active <<- active - 1
      milliseconds <- 1000 * (proc.time()[["elapsed"]] - started)
      requests[[length(requests) + 1]] <<- data.frame(
        route = route,
        status = status,
        milliseconds = milliseconds
      )
      then(status, response)
    }
    done <- function(response) finish(response$status_code, response)
    curl::curl_fetch_multi(paste0(url, path), done, function(message) finish(0L), pool, handle = handle)
  }
  later <- function(seconds, work) {
    due[[length(due) + 1]] <<- list(at = proc.time()[["elapsed"]] + seconds, work = work)
  }
  user <- function(number) {
    cookie <- NULL
    left <- checks
    start <- function() {
      send("POST", "/sessions", cookie, function(status, response) {
        if (status != 201) {
          # As a person would.
          return(later(1, start))
        }
        id <- jsonlite::fromJSON(rawToChar(response$content))$SessionId
        verdicts[[id]] <- list(expected = expected(number + left), seen = character())
        later(stats::runif(1, 5, 15), function() {
          emulator$check(id, confidence = if (verdicts[[id]]$expected == "pass") 99 else 10)
          ask(id)
        })
      })
    }
    # After the verdict the page asks once more: it must not change.
    ask <- function(id, is_last = FALSE) {
      send("GET", paste0("/sessions/", id), cookie, function(status, response) {
        verdict <- if (status == 200) jsonlite::fromJSON(rawToChar(response$content))$verdict else "none"
        if (!verdict %in% c("pass", "fail")) {
          return(later(1, function() ask(id, is_last)))
        }
        verdicts[[id]]$seen <- c(verdicts[[id]]$seen, verdict)
        if (!is_last) {
          return(ask(id, TRUE))
        }
        left <<- left - 1
        if (left > 0) start()
      })
    }
    send("GET", "/", NULL, function(status, response) {
      fields <- curl::parse_headers_list(response$headers)
      cookie <<- sub(";.*", "", fields$`set-cookie`)
      start()
    })
  }
  for (number in seq_len(users)) {
    user(number)
  }
  while (active > 0 || length(due) > 0) {
    now <- proc.time()[["elapsed"]]
    is_due <- vapply(due, function(entry) entry$at <= now, NA)
    run_now <- due[is_due]
    due <- due[!is_due]
    for (entry in run_now) {
      entry$work()
    }
    curl::multi_run(timeout = 0.02, poll = TRUE, pool = pool)
  }
  list(requests = do.call(rbind, requests), verdicts = as.list(verdicts))
}

# Every check has one verdict, the right one, in the database, in the audit and on the page.
check_verdicts <- function(verdicts, location) {
  f <- new.env()
  sys.source(system.file("examples", "database", "database.R", package = "rekognition"), f, chdir = TRUE)
  db <- f$open_database(location)
  on.exit(f$close_database(db))
  stored <- f$query_database(db, "SELECT session_id, verdict FROM verdicts")
  audit <- f$query_database(db, "SELECT session_id FROM audit WHERE action = 'verdict recorded'")
  stopifnot(
    length(verdicts) == users * checks,
    setequal(stored$session_id, names(verdicts)),
    nrow(audit) == length(verdicts),
    !anyDuplicated(audit$session_id),
    vapply(names(verdicts), FUN.VALUE = NA, function(id) {
      check <- verdicts[[id]]
      identical(check$seen, rep(check$expected, 2)) &&
        identical(stored$verdict[stored$session_id == id], check$expected)
    })
  )
}

measure <- function(location) {
  set.seed(1)
  emulator <- rekognition_emulator(check_after = Inf)
  on.exit(emulator$stop())
  emulator$fault("delay", seconds = 0.1, times = 1e6)
  local({
    # All users come from one address here.
    env <- c(LIVENESS_STARTS = "1000", LIVENESS_BURST = "1000")
    app <- tests$local_started(emulator, location, env, processes)
    seconds <- system.time(run <- run_users(app$url, emulator))[["elapsed"]]
    check_verdicts(run$verdicts, location)
    list(seconds = seconds, requests = run$requests)
  })
}

Sys.setenv(NOT_CRAN = "true")
server <- tests$start_postgresql()
locations <- list(SQLite = tempfile(fileext = ".sqlite"), PostgreSQL = server$new_database())
runs <- tryCatch(lapply(locations, measure), finally = server$remove())

model <- sub(".*: ", "", grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)[1])
cat(sprintf(
  "%d users at once with %d checks each; %d processes behind nginx on %s, %d cores, with the load and the emulator; %s, %s.\n\n",
  users,
  checks,
  processes,
  model,
  parallel::detectCores(),
  R.version.string,
  Sys.Date()
))
cat(
  "| database | route | requests | refused or failed | median, ms | p99, ms |\n| --- | --- | ---: | ---: | ---: | ---: |\n"
)
for (name in names(runs)) {
  by_route <- split(runs[[name]]$requests, runs[[name]]$requests$route)
  for (route in names(by_route)) {
    x <- by_route[[route]]
    times <- stats::quantile(x$milliseconds, c(0.5, 0.99))
    failed <- sum(!x$status %in% c(200, 201))
    cat(sprintf("| %s | `%s` | %d | %d | %.0f | %.0f |\n", name, route, nrow(x), failed, times[1], times[2]))
  }
  cat(sprintf("| %s | all checks | %d | | %.1f s in total | |\n", name, users * checks, runs[[name]]$seconds))
}
