# Starts several processes of the back end behind nginx, and starts each again if it ends. Run it in this folder:
#
#   LIVENESS_THRESHOLD=95 Rscript start.R
#
# LIVENESS_PROCESSES  how many, by default 2: about one for each core
# LIVENESS_PORT       the port of nginx, by default 8000; the processes have the ports after it
# LIVENESS_LISTEN     the address on which nginx listens, by default 127.0.0.1: add TLS to nginx.conf before you change it
# LIVENESS_STARTS, LIVENESS_BURST   the starts a second that nginx lets an address make (10), and how many at once (50)
# LIVENESS_RUN        a folder for nginx's files, by default a temporary one
#
# and the variables in plumber.R. Without LIVENESS_ON_AWS, all processes use one emulator, which runs in this process. On a
# server, start the processes with systemd or in containers: vignette("backend") shows how.

# Each process gets its own.
Sys.unsetenv("LIVENESS_PROCESS")
source("settings.R", local = TRUE)

whole_setting <- function(name, default, most) {
  is_valid <- function(x) x >= 1 && x <= most && x == round(x)
  number_setting(name, default, is_valid, sprintf("a whole number from 1 to %d.", most))
}
count <- whole_setting("LIVENESS_PROCESSES", "2", 1000)
port <- whole_setting("LIVENESS_PORT", "8000", 65535 - count)
starts <- whole_setting("LIVENESS_STARTS", "10", 1e5)
burst <- whole_setting("LIVENESS_BURST", "50", 1e5)
address <- setting("LIVENESS_LISTEN", "127.0.0.1")
if (!grepl("^([0-9.]+|\\[[0-9a-fA-F:]+\\])$", address)) {
  stop("LIVENESS_LISTEN must be an IP address, such as 127.0.0.1, 0.0.0.0 or [::1].")
}

listens <- function(port) {
  connection <- suppressWarnings(try(socketConnection("127.0.0.1", port, timeout = 1), silent = TRUE))
  if (inherits(connection, "try-error")) {
    return(FALSE)
  }
  close(connection)
  TRUE
}
for (used in Filter(listens, port + 0:count)) {
  stop("Port ", used, " is in use. Set LIVENESS_PORT so that it and the ", count, " ports after it are free.")
}
# Debian has it outside of a user's PATH.
nginx_program <- c(Filter(nzchar, Sys.which("nginx")), Filter(file.exists, "/usr/sbin/nginx"))
if (length(nginx_program) == 0) {
  stop("nginx is not installed.")
}

run_folder <- setting("LIVENESS_RUN", file.path(tempdir(), "nginx"))
dir.create(run_folder, showWarnings = FALSE, recursive = TRUE)
run_folder <- normalizePath(run_folder)
is_root <- Sys.info()[["effective_user"]] == "root"
if (is_root) {
  # nginx's workers then run as another user, who must be able to read its files.
  Sys.chmod(c(tempdir(), run_folder), "711")
}

# R does not delete its folder of temporary files when it is ended by a signal. When this process ends, so does its pipe.
cleaner <- processx::process$new(
  "sh",
  c("-c", "trap '' TERM INT; cat; rm -rf -- \"$1\"", "sh", tempdir()),
  stdin = "|",
  cleanup = FALSE
)

# The processes put their temporary files in the same folder.
env <- c(LIVENESS_COOKIE_KEY = cookie_key, TMPDIR = tempdir())
if (!on_aws) {
  message("Running on the emulator: the outcome of a complete check is made up.")
  emulator <- rekognition::rekognition_emulator(check_after = Inf)
  keys <- emulator$config$credentials$creds
  # The same variables as local_emulator() sets and unsets: your own AWS configuration is not used.
  env <- c(
    env,
    LIVENESS_ON_AWS = "true",
    AWS_ENDPOINT_URL_REKOGNITION = emulator$url,
    AWS_ENDPOINT_URL_STS = emulator$url,
    AWS_ENDPOINT_URL_S3 = emulator$url,
    AWS_REGION = emulator$config$region,
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key,
    AWS_CONFIG_FILE = "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE = "/dev/null"
  )
  Sys.unsetenv(c(
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_CA_BUNDLE",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_SDK_UA_APP_ID"
  ))
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
    STARTS = sprintf("%d", starts),
    BURST = sprintf("%d", burst),
    LISTEN = sprintf("%s:%d", address, port),
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
    nginx_program[1],
    c("-p", run_folder, "-c", file.path(run_folder, "nginx.conf"), "-e", "stderr"),
    stdout = "",
    stderr = "",
    supervise = TRUE
  )
}

is_alive <- function(process) process$is_alive()

processes <- lapply(seq_len(count), start_process)
while (!all(vapply(port + seq_len(count), listens, NA))) {
  if (!all(vapply(processes, is_alive, NA))) {
    stop("A process of the back end has ended. Its message is above.")
  }
  Sys.sleep(0.2)
}
unlink(file.path(run_folder, "nginx.pid"))
nginx <- start_nginx()
while (nginx$is_alive() && !file.exists(file.path(run_folder, "nginx.pid"))) {
  Sys.sleep(0.1)
}
if (nginx$is_alive()) {
  message("Running at http://", address, ":", port)
}
repeat {
  Sys.sleep(1)
  if (!nginx$is_alive()) {
    stop("nginx has ended. Its message is above.")
  }
  for (i in which(!vapply(processes, is_alive, NA))) {
    # If it cannot start, for example without its database, not again at once.
    if (abs(difftime(Sys.time(), processes[[i]]$get_start_time(), units = "secs")) > 5) {
      message("Starting process ", i, " again.")
      processes[[i]] <- start_process(i)
    }
  }
}
