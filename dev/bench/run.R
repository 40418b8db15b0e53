# Runs all peers against one server, in alternation, and writes dev/bench/results.json, man/figures/benchmark.png and the
# table in README.md and dev/bench/README.md. Linux only: CPU and memory come from /proc.
#
#   Rscript dev/bench/run.R <rekognition-bench> <python with boto3> [quick]

arguments <- commandArgs(TRUE)
program <- arguments[1]
python <- arguments[2]
is_quick <- "quick" %in% arguments

# R sets it for its own libraries, which Python must not load.
Sys.unsetenv("LD_LIBRARY_PATH")
rscript <- file.path(R.home("bin"), "Rscript")
scratch <- file.path(".build", "bench")
image <- file.path(scratch, "image.jpg")
peers <- list(
  rekognition = function(address) c(rscript, "--vanilla", "dev/bench/rekognition_peer.R", address, image),
  boto3 = function(address) c(python, "dev/bench/boto3_peer.py", address, image),
  sdk = function(address) c(program, "sdk", address, image),
  plain = function(address) c(rscript, "--vanilla", "dev/bench/plain_peer.R", address, image),
  bytes = function(address) c(program, "bytes", address, image)
)
# No peer looks into the images that it sends.
unlink(scratch, recursive = TRUE)
dir.create(scratch, recursive = TRUE)
noise <- as.raw(sample.int(256, 5e6, replace = TRUE) - 1)
writeBin(noise, image)

# --- processes ----------------------------------------------------------------------------------------------------

start <- function(command) {
  processx::process$new(command[1], command[-1], stdin = "|", stdout = "|", stderr = "")
}

# The next line on stdout of a process.
read_line <- function(process) {
  repeat {
    process$poll_io(10000)
    line <- process$read_output_lines(1)
    if (length(line) > 0) {
      return(line)
    }
    if (!process$is_alive()) {
      stop("a peer has exited with status ", process$get_exit_status())
    }
  }
}

stop_peer <- function(process) {
  close(process$get_input_connection())
  process$wait(5000)
  process$kill()
}

cpu <- function(process) {
  stat <- readLines(paste0("/proc/", process$get_pid(), "/stat"), warn = FALSE)
  fields <- strsplit(sub("^.*\\) ", "", stat), " ")[[1]]
  sum(as.numeric(fields[12:13])) / 100
}

# Peak memory since the last reset, in MB.
peak <- function(process) {
  status <- readLines(paste0("/proc/", process$get_pid(), "/status"))
  as.numeric(gsub("[^0-9]", "", grep("^VmHWM", status, value = TRUE))) / 1024
}

reset_peak <- function(process) {
  cat("5", file = paste0("/proc/", process$get_pid(), "/clear_refs"))
}

# Runs a job on a peer. Returns seconds, lost sessions, CPU time per session and peak memory.
run_job <- function(process, kind, sessions, concurrency, dir = "-") {
  reset_peak(process)
  cpu_before <- cpu(process)
  process$write_input(paste(kind, sessions, concurrency, paste0(dir, "\n")))
  values <- as.numeric(strsplit(trimws(read_line(process)), " ")[[1]])
  list(
    times = values[-1],
    lost = values[1],
    cpu = (cpu(process) - cpu_before) / sessions,
    peak = peak(process)
  )
}

server <- start(c(program, "serve"))
address <- read_line(server)
requests <- function() {
  connection <- url(paste0("http://", address, "/"))
  on.exit(close(connection))
  as.numeric(readLines(connection, warn = FALSE))
}

# --- measurements -------------------------------------------------------------------------------------------------

measurements <- list()
record <- function(case, peer, what, values) {
  key <- paste(case, peer, what)
  old <- measurements[[key]]$values
  measurements[[key]] <<- list(case = case, peer = peer, what = what, values = c(old, values))
}

message("load and first call")
seconds <- function(command) {
  started <- Sys.time()
  processx::run(command[1], command[-1])
  as.numeric(Sys.time() - started, units = "secs")
}
loads <- list(
  rekognition = c(
    rscript,
    "--vanilla",
    "-e",
    "library(rekognition); svc <- rekognition(region = 'us-east-1', credentials = list(anonymous = TRUE))"
  ),
  plain = c(
    rscript,
    "--vanilla",
    "-e",
    "library(curl); library(jsonlite); library(base64enc); handle <- new_handle()"
  ),
  boto3 = c(python, "-c", "import boto3; boto3.client('rekognition', region_name='us-east-1')")
)
for (i in seq_len(if (is_quick) 5 else 21)) {
  baseline <- c(R = seconds(c(rscript, "--vanilla", "-e", "NULL")), python = seconds(c(python, "-c", "0")))
  for (peer in names(loads)) {
    record(
      "load",
      peer,
      "seconds",
      seconds(loads[[peer]]) - baseline[[if (peer == "boto3") "python" else "R"]]
    )
  }
}
for (i in seq_len(if (is_quick) 3 else 11)) {
  for (peer in names(peers)) {
    process <- start(peers[[peer]](address))
    read_line(process)
    times <- run_job(process, "small", 20, 1)$times
    # The extra time over later calls.
    record("first", peer, "seconds", times[1] - stats::median(times[-1]))
    stop_peer(process)
  }
}

message("single calls")
processes <- lapply(peers, function(command) start(command(address)))
for (process in processes) {
  read_line(process)
}
for (peer in names(peers)) {
  run_job(processes[[peer]], "large", 5, 1)
}
for (i in seq_len(if (is_quick) 4 else 20)) {
  for (case in list(c("small", 300), c("large", 60), c("image", 10))) {
    for (peer in names(peers)) {
      result <- run_job(processes[[peer]], case[1], as.numeric(case[2]), 1)
      stopifnot(result$lost == 0)
      record(case[1], peer, "seconds", result$times)
      record(case[1], peer, "cpu", result$cpu)
    }
  }
}
invisible(lapply(processes, stop_peer))

# Each in its own process, so that the peak memory is that of this job.
in_own_process <- function(case, peer, rounds, ...) {
  for (i in seq_len(rounds)) {
    process <- start(peers[[peer]](address))
    read_line(process)
    run_job(process, "small", 5, 1)
    before <- peak(process)
    requests()
    result <- run_job(process, ...)
    record(case, peer, "seconds", if (length(result$times) == 1) result$times else sum(result$times))
    record(case, peer, "lost", result$lost)
    record(case, peer, "requests", requests())
    record(case, peer, "memory", result$peak - before)
    stop_peer(process)
  }
}
rounds <- if (is_quick) 2 else 7
message("200 large calls in sequence: memory")
for (peer in names(peers)) {
  in_own_process("memory", peer, if (is_quick) 1 else 3, "large", 200, 1)
}
message("an image of 5 MB: memory")
for (peer in names(peers)) {
  in_own_process("image_memory", peer, if (is_quick) 1 else 3, "image", 10, 1)
}
message("200 sessions, 16 at a time, 50 ms")
for (i in seq_len(rounds)) {
  for (peer in names(peers)) {
    in_own_process("late", peer, 1, "late", 200, 16)
  }
}
message("400 sessions, 50 per second")
for (peer in c("rekognition", "boto3", "sdk")) {
  in_own_process("limited", peer, if (is_quick) 1 else 3, "limited", 400, if (peer == "boto3") 16 else 100)
}
message("5,000 unknown sessions")
for (i in seq_len(if (is_quick) 1 else 3)) {
  for (peer in setdiff(names(peers), "bytes")) {
    in_own_process("unknown", peer, 1, "unknown", if (is_quick) 500 else 5000, 16)
  }
}
message("10,000 sessions, images saved to files")
many <- if (is_quick) 500 else 10000
for (peer in setdiff(names(peers), "bytes")) {
  in_own_process("files", peer, 1, "large", many, 16, file.path(scratch, "saved"))
  unlink(file.path(scratch, "saved"), recursive = TRUE)
}
message("2,000 files of 100 kB")
many <- if (is_quick) 500 else 2000
to_send <- file.path(scratch, "to-send")
dir.create(to_send)
for (i in seq_len(many)) {
  writeBin(noise[(i * 2000) + seq_len(1e5)], file.path(to_send, paste0(i, ".jpg")))
}
for (i in seq_len(if (is_quick) 1 else 3)) {
  for (peer in setdiff(names(peers), "bytes")) {
    in_own_process("map", peer, 1, "map", many, 16, to_send)
  }
}
message("a frame of a check")
for (i in seq_len(rounds)) {
  for (peer in c("rekognition", "plain")) {
    printed <- processx::run(rscript, c("--vanilla", "dev/bench/relay_peer.R", peer, "60"))$stdout
    record("frame", peer, "seconds", as.numeric(strsplit(trimws(printed), " ")[[1]]))
  }
}
message("a report of 2,000 sessions")
for (i in seq_len(if (is_quick) 1 else 3)) {
  many <- if (is_quick) "600" else "2000"
  printed <- processx::run(rscript, c("--vanilla", "dev/bench/report_open.R", many))$stdout
  values <- as.numeric(strsplit(trimws(printed), " ")[[1]])
  record("report", "rekognition", "seconds", values[1])
  record("report", "rekognition", "size", values[2])
  record("report", "rekognition", "open", values[3])
}
unlink(scratch, recursive = TRUE)
invisible(server$kill())

# --- results ------------------------------------------------------------------------------------------------------

results <- do.call(
  rbind,
  lapply(unname(measurements), function(m) {
    data.frame(
      case = m$case,
      peer = m$peer,
      what = m$what,
      median = stats::median(m$values),
      low = stats::quantile(m$values, 0.1, names = FALSE),
      high = stats::quantile(m$values, 0.9, names = FALSE),
      n = length(m$values)
    )
  })
)
cpuinfo <- grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)
machine <- paste0(
  sub("^.*: ", "", cpuinfo[1]),
  ", ",
  length(cpuinfo),
  " cores, ",
  utils::sessionInfo()$running,
  ", R ",
  getRversion()
)
jsonlite::write_json(
  list(machine = machine, date = as.character(Sys.Date()), results = results),
  "dev/bench/results.json",
  pretty = TRUE,
  digits = 8,
  auto_unbox = TRUE
)
source("dev/bench/report.R")
