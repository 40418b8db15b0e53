# Starts several processes of the back end behind nginx, and starts each again if it ends. Run it in this folder:
#
#   LIVENESS_THRESHOLD=95 Rscript start.R
#
# LIVENESS_PROCESSES  the number of processes, by default 2: about one for each core
# LIVENESS_PORT       the port of nginx, by default 8000; the processes use the ports after it
# LIVENESS_RUN        a folder for nginx's files, by default a temporary one
#
# and the variables in plumber.R. Without LIVENESS_ON_AWS, all processes use one emulator, which runs in this process. On a
# server, start the processes with systemd or in containers: vignette("backend") shows how.

number <- function(name, default) {
  value <- suppressWarnings(as.integer(Sys.getenv(name, default)))
  if (is.na(value) || value < 1) {
    stop(name, " must be a positive number.")
  }
  value
}
count <- number("LIVENESS_PROCESSES", "2")
port <- number("LIVENESS_PORT", "8000")
run_folder <- Sys.getenv("LIVENESS_RUN", file.path(tempdir(), "nginx"))
dir.create(run_folder, showWarnings = FALSE, recursive = TRUE)
run_folder <- normalizePath(run_folder)
is_root <- Sys.info()[["effective_user"]] == "root"
if (is_root) {
  # nginx's workers then run as another user, who must be able to read its files.
  Sys.chmod(c(tempdir(), run_folder), "711")
}

env <- c(
  LIVENESS_COOKIE_KEY = Sys.getenv("LIVENESS_COOKIE_KEY", plumber::random_cookie_key()),
  # One file for all processes, whatever their working directories.
  LIVENESS_DATABASE = Sys.getenv("LIVENESS_DATABASE", file.path(getwd(), "liveness.sqlite"))
)
if (!isTRUE(as.logical(Sys.getenv("LIVENESS_ON_AWS", "false")))) {
  message("Running on the emulator: the outcome of a complete check is made up.")
  emulator <- rekognition::rekognition_emulator(check_after = Inf)
  keys <- emulator$config$credentials$creds
  env <- c(
    env,
    LIVENESS_ON_AWS = "true",
    AWS_ENDPOINT_URL = emulator$url,
    AWS_REGION = emulator$config$region,
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key
  )
}

# supervise: the process ends with this one.
start_process <- function(i) {
  code <- sprintf(
    "plumber::pr_run(plumber::pr('plumber.R'), port = %d, docs = FALSE, quiet = TRUE)",
    port + i
  )
  processx::process$new(
    file.path(R.home("bin"), "Rscript"),
    c("--vanilla", "-e", code),
    stdout = "",
    stderr = "",
    env = c("current", env, LIVENESS_PROCESS = as.character(i)),
    supervise = TRUE
  )
}

# The template, filled in, in a configuration of its own: nginx runs as this user and writes to its folder only.
start_nginx <- function() {
  page <- file.path(run_folder, "page")
  dir.create(page, showWarnings = FALSE)
  file.copy(
    list.files(rekognition::liveness_page(), full.names = TRUE),
    page,
    overwrite = TRUE,
    copy.mode = FALSE
  )
  values <- list(
    SERVERS = sprintf("server 127.0.0.1:%d max_fails=1 fail_timeout=1s;", port + seq_len(count)),
    RELAYS = sprintf("%d 127.0.0.1:%d;", seq_len(count), port + seq_len(count)),
    STARTS = Sys.getenv("LIVENESS_STARTS", "10"),
    BURST = Sys.getenv("LIVENESS_BURST", "50"),
    PORT = as.character(port),
    PAGE = page
  )
  lines <- readLines("nginx.conf")
  for (name in names(values)) {
    lines <- gsub(paste0("@", name, "@"), paste(values[[name]], collapse = "\n  "), lines, fixed = TRUE)
  }
  writeLines(lines, file.path(run_folder, "nginx-started.conf"))
  temporary <- c("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
  main <- c(
    if (is_root) "user nobody nogroup;",
    "worker_processes 1;",
    "daemon off;",
    sprintf("pid %s/nginx.pid;", run_folder),
    "error_log stderr warn;",
    "events { worker_connections 2048; }",
    "http {",
    sprintf("  %s_temp_path %s/%s;", temporary, run_folder, temporary),
    "  include nginx-started.conf;",
    "}"
  )
  writeLines(main, file.path(run_folder, "nginx.conf"))
  processx::process$new(
    "nginx",
    c("-p", run_folder, "-c", file.path(run_folder, "nginx.conf"), "-e", "stderr"),
    stdout = "",
    stderr = "",
    supervise = TRUE
  )
}

listens <- function(port) {
  connection <- suppressWarnings(try(socketConnection("127.0.0.1", port, timeout = 1), silent = TRUE))
  if (inherits(connection, "try-error")) {
    return(FALSE)
  }
  close(connection)
  TRUE
}

processes <- lapply(seq_len(count), start_process)
while (!all(vapply(port + seq_len(count), listens, NA))) {
  if (!all(vapply(processes, function(process) process$is_alive(), NA))) {
    stop("A process of the back end has ended.")
  }
  Sys.sleep(0.2)
}
nginx <- start_nginx()
message("Running at http://127.0.0.1:", port)
repeat {
  Sys.sleep(1)
  for (i in which(!vapply(processes, function(process) process$is_alive(), NA))) {
    message("Starting process ", i, " again.")
    processes[[i]] <- start_process(i)
  }
  if (!nginx$is_alive()) {
    stop("nginx has ended.")
  }
}
