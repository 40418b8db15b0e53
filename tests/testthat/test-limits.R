# A server in its own process. Each response has this many bytes of images and the requested session ID.
local_large_server <- function(bytes, frame = parent.frame()) {
  script <- withr::local_tempfile(
    .local_envir = frame,
    fileext = ".py",
    lines = c(
      "import base64, http.server, json, sys",
      "image = base64.b64encode(b'\\xff\\xd8\\xff' + bytes(int(sys.argv[1]))).decode()",
      "class Handler(http.server.BaseHTTPRequestHandler):",
      "    protocol_version = 'HTTP/1.1'",
      "    def do_POST(self):",
      "        id = json.loads(self.rfile.read(int(self.headers['content-length'])))['SessionId']",
      "        body = json.dumps({'SessionId': id, 'Status': 'SUCCEEDED', 'Confidence': 99,",
      "                           'ReferenceImage': {'Bytes': image}}).encode()",
      "        self.send_response(200)",
      "        if id.startswith('chunked'):",
      "            self.send_header('transfer-encoding', 'chunked')",
      "            self.end_headers()",
      "            for at in range(0, len(body), 100000):",
      "                piece = body[at:at + 100000]",
      "                self.wfile.write(b'%x\\r\\n' % len(piece) + piece + b'\\r\\n')",
      "            self.wfile.write(b'0\\r\\n\\r\\n')",
      "        else:",
      "            self.send_header('content-length', str(len(body)))",
      "            self.end_headers()",
      "            self.wfile.write(body)",
      "    def log_message(self, *args): pass",
      "server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)",
      "server.request_queue_size = 128",
      "print(server.server_port, flush=True)",
      "server.serve_forever()"
    )
  )
  server <- callr::process$new(Sys.getenv("REKOGNITION_BOTO3_PYTHON"), c(script, bytes), stdout = "|")
  withr::defer(server$kill(), frame)
  port <- character()
  while (length(port) == 0 && server$is_alive()) {
    server$poll_io(1000)
    port <- server$read_output_lines(1)
  }
  paste0("http://127.0.0.1:", port)
}

# Runs code in a fresh R after a shell command, and returns its output and exit status.
run_limited <- function(limit, code, args, before = character()) {
  # In a place that another user can read.
  folder <- withr::local_tempdir(tmpdir = "/tmp")
  Sys.chmod(folder, "755")
  script <- file.path(folder, "script.R")
  saveRDS(args, file.path(folder, "args.rds"))
  writeLines(c(sprintf("args <- readRDS('%s/args.rds')", folder), code), script)
  Sys.chmod(list.files(folder, full.names = TRUE), "644")
  command <- sprintf(
    "%s; exec %s %s --vanilla %s",
    limit,
    paste(before, collapse = " "),
    shQuote(file.path(R.home("bin"), "Rscript")),
    shQuote(script)
  )
  result <- callr::run(
    "bash",
    c("-c", command),
    env = c("current", R_LIBS = paste(c(args$library, .libPaths()), collapse = ":")),
    error_on_status = FALSE,
    timeout = 300
  )
  list(lines = strsplit(result$stdout, "\n")[[1]], status = result$status, stderr = result$stderr)
}

test_that("large responses in flight have a budget, and a lack of memory is an R error", {
  skip_on_os(c("windows", "mac"))
  skip_on_cran() # a memory limit
  # Bodies of 7 MB, which are images of 5.2 MB.
  url <- local_large_server(5.2e6)
  keys <- list(creds = list(access_key_id = "AKIAEXAMPLE", secret_access_key = "secret"))
  args <- list(
    config = list(credentials = keys, endpoint = url, region = "us-east-1", max_retries = 0),
    ids = c(sprintf("plain-%d", 1:60), sprintf("chunked-%d", 1:60)),
    dir = withr::local_tempdir()
  )
  code <- c(
    "svc <- rekognition::rekognition(config = args$config)",
    "saved <- rekognition::liveness_results(args$ids, svc, max_active = 50, dir = args$dir)",
    "cat(sum(saved$status %in% 'SUCCEEDED'), sum(!is.na(saved$error_code)), '\\n')",
    # 1.2 GB of images do not fit in memory.
    "outcome <- tryCatch(",
    "  {",
    "    more <- c(args$ids, paste0(args$ids, '-again'))",
    "    kept <- rekognition::liveness_results(more, svc, max_active = 50)",
    "    if (anyNA(kept$status)) 'rows' else 'no limit'",
    "  },",
    "  error = function(e) 'error'",
    ")",
    "rm(list = intersect('kept', ls()))",
    "cat(outcome, '\\n')",
    "cat(rekognition::liveness_results(args$ids[1], svc)$status, '\\n')"
  )
  result <- run_limited("ulimit -v 1000000", code, args)
  expect_identical(result$status, 0L, info = result$stderr)
  expect_identical(trimws(result$lines[c(1, 3)]), c("120 0", "SUCCEEDED"))
  expect_true(trimws(result$lines[2]) %in% c("rows", "error"))
})

# A copy of the package that all users can read.
local_public_library <- function(frame = parent.frame()) {
  library <- tempfile("library-", "/tmp")
  dir.create(library, mode = "0755")
  withr::defer(unlink(library, recursive = TRUE), frame)
  file.copy(find.package("rekognition"), library, recursive = TRUE)
  library
}

# The prefix of a command that runs it as another user if this one is root.
unprivileged <- function() {
  is_root <- identical(system2("id", "-u", stdout = TRUE), "0")
  if (is_root) c("setpriv", "--reuid=61234", "--regid=61234", "--clear-groups")
}

test_that("a thread that the system refuses is an error that says so", {
  skip_on_os(c("windows", "mac"))
  skip_on_cran() # the process limit of another user
  emulator <- test_emulator()
  id <- new_session(rekognition(config = emulator$config))
  # A user whose only process is this one.
  library <- local_public_library()
  user <- unprivileged()
  code <- c(
    "config <- args$config",
    "show <- function(expr) tryCatch(expr, error = function(e) {",
    "  cat(inherits(e, 'rekognition_error'), grepl('ulimit -u', conditionMessage(e), fixed = TRUE),",
    "    grepl('Please report', conditionMessage(e)), '\\n')",
    "})",
    "loadNamespace('rekognition')",
    "limit <- function(n) system2('prlimit', c('--pid', Sys.getpid(), sprintf('--nproc=%d', n)))",
    # The background thread for connections exists, but no thread to resolve a host name.
    "rekognition::rekognition(config = config)$create_face_liveness_session()",
    "config$endpoint <- sub('127.0.0.1', 'localhost', config$endpoint, fixed = TRUE)",
    "svc <- rekognition::rekognition(config = config)",
    "limit(1)",
    "show(svc$get_face_liveness_session_results(args$id))",
    "show(rekognition::liveness_results(args$id, svc, on_error = 'stop'))",
    "show(rekognition::rekognition_emulator())"
  )
  args <- list(config = c(emulator$config, max_retries = 0), id = id, library = library)
  result <- run_limited("cd /; umask 022", code, args, user)
  expect_identical(result$status, 0L, info = result$stderr)
  expect_identical(trimws(tail(result$lines, 3)), rep("TRUE TRUE FALSE", 3))
  expect_no_match(result$stderr, "panicked")
  # No thread at all.
  code <- c(
    head(code, 7),
    "limit(1)",
    "show(rekognition::rekognition(config = config)$create_face_liveness_session())"
  )
  result <- run_limited("cd /; umask 022", code, args, user)
  expect_identical(trimws(tail(result$lines, 1)), "TRUE TRUE FALSE")
})

test_that("shared files that the user may not read are an error, even if no variable names them", {
  skip_on_os(c("windows", "mac"))
  skip_on_cran() # another user
  library <- local_public_library()
  home <- tempfile("home-", "/tmp")
  dir.create(file.path(home, ".aws"), recursive = TRUE, mode = "0755")
  withr::defer(unlink(home, recursive = TRUE))
  code <- c(
    "Sys.unsetenv(c('AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'))",
    "Sys.setenv(HOME = args$home)",
    "loadNamespace('rekognition')",
    "result <- tryCatch(rekognition::rekognition(region = 'us-east-1'), error = identity)",
    "cat(class(result)[1], if (inherits(result, 'error')) conditionMessage(result), sep = '\\n')"
  )
  args <- list(home = home, library = library)
  lines_of <- function() run_limited("cd /; umask 022", code, args, unprivileged())$lines
  for (name in c("credentials", "config")) {
    file <- file.path(home, ".aws", name)
    writeLines(c("[default]", "region = us-east-1"), file)
    Sys.chmod(file, "0000")
    lines <- lines_of()
    expect_true("rekognition_config_error" %in% trimws(lines))
    expect_match(lines, paste0(file, ".*cannot be read .*ermission denied"), all = FALSE)
    unlink(file)
  }
  expect_true("rekognition_client" %in% trimws(lines_of()))
  # Files in a folder that the user may not search do not exist, as for other tools.
  Sys.chmod(file.path(home, ".aws"), "0000")
  expect_true("rekognition_client" %in% trimws(lines_of()))
})

test_that("a list of audit images can have any length", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  images <- lapply(0:199, function(i) list(Bytes = as.raw(c(i, 1))))
  body <- list(SessionId = some_id, Status = "SUCCEEDED", AuditImages = images)
  emulator$put_result(some_id, body)
  found <- svc$get_face_liveness_session_results(some_id)
  expect_identical(lapply(found$AuditImages, `[[`, "Bytes"), lapply(images, `[[`, "Bytes"))
  results <- liveness_results(some_id, svc)
  expect_identical(results$n_audit_images, 200L)
  expect_identical(results$audit_images[[1]][[200]]$Bytes, as.raw(c(199, 1)))
})
