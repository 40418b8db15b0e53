# Several processes of the example back end: side by side, and behind nginx.

# Both databases, for tests that start processes: their locations.
local_databases <- function(frame = parent.frame()) {
  skip_without_databases()
  c(withr::local_tempfile(fileext = ".sqlite", .local_envir = frame), local_postgresql()$new_database())
}

# Back ends with a common database, as a reverse proxy would use them.
local_back_ends <- function(n, emulator, location, added = NULL, frame = parent.frame()) {
  key <- plumber::random_cookie_key()
  lapply(seq_len(n), function(i) {
    env <- c(LIVENESS_DATABASE = location, LIVENESS_COOKIE_KEY = key, LIVENESS_PROCESS = as.character(i))
    back_end(emulator, env = env, added = added, frame = frame)
  })
}

# Sends all requests at once, and returns the responses: lists of `status` and `json`. `urls` are recycled.
send_at_once <- function(n, urls, method = "GET", cookie = NULL) {
  pool <- curl::new_pool(total_con = 200, host_con = 200)
  responses <- vector("list", n)
  urls <- rep_len(urls, n)
  for (i in seq_len(n)) {
    local({
      i <- i
      handle <- curl::new_handle(customrequest = method, noproxy = "*", timeout = 180)
      curl::handle_setheaders(handle, .list = c(`X-Requested-With` = "fetch", Cookie = cookie))
      done <- function(response) {
        text <- rawToChar(response$content)
        responses[[i]] <<- list(
          status = response$status_code,
          json = if (startsWith(text, "{")) jsonlite::fromJSON(text)
        )
      }
      curl::curl_fetch_multi(urls[i], done, function(message) stop(message), pool, handle = handle)
    })
  }
  curl::multi_run(pool = pool)
  responses
}

# The cookie of a new user.
new_cookie <- function(app) {
  response <- new_user(app)("GET", "/")
  sub(";.*", "", response$headers$`set-cookie`)
}

# The example as start.R starts it, with nginx in front.
local_started <- function(emulator, location, env = character(), processes = 2, frame = parent.frame()) {
  testthat::skip_on_cran()
  skip_without_page()
  testthat::skip_if_not(nzchar(Sys.which("nginx")), "nginx is not installed")
  port <- free_ports(processes + 1)
  log <- withr::local_tempfile(.local_envir = frame)
  env <- c(
    R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep),
    app_env(emulator),
    LIVENESS_THRESHOLD = "90",
    LIVENESS_DATABASE = location,
    LIVENESS_PROCESSES = as.character(processes),
    LIVENESS_PORT = as.character(port),
    env
  )
  process <- processx::process$new(
    file.path(R.home("bin"), "Rscript"),
    c("--vanilla", "start.R"),
    wd = system.file("examples", "plumber", package = "rekognition"),
    env = c("current", env),
    stdout = log,
    stderr = "2>&1",
    supervise = TRUE
  )
  # Its supervisor ends the others.
  stop <- function() {
    process$signal(tools::SIGTERM)
    process$wait(10000)
    wait_until(!listens_on(port), "nginx has ended")
    process$kill_tree()
  }
  withr::defer(stop(), frame)
  output <- function() paste(readLines(log, warn = FALSE), collapse = "\n")
  app <- list(url = paste0("http://127.0.0.1:", port), port = port, output = output, process = process)
  wait_until(!process$is_alive() || grepl("Running at http", output()), "the processes run")
  wait_until(!process$is_alive() || new_user(app)("GET", "/health")$status == 200, "nginx runs")
  app
}

listens_on <- function(port) {
  connection <- suppressWarnings(try(socketConnection("127.0.0.1", port, timeout = 5), silent = TRUE))
  if (inherits(connection, "try-error")) {
    return(FALSE)
  }
  close(connection)
  TRUE
}

# The first of so many free ports in a row.
free_ports <- function(n) {
  is_free <- function(port) {
    server <- tryCatch(serverSocket(port), error = function(error) NULL)
    if (!is.null(server)) {
      close(server)
    }
    !is.null(server)
  }
  for (attempt in 1:100) {
    port <- sample(20000:30000, 1)
    if (all(vapply(port + seq_len(n) - 1, is_free, NA))) {
      return(port)
    }
  }
  stop("no free ports")
}
