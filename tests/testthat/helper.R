some_id <- "0f959dbb-37cc-45d8-a08d-dc42cce85fa8"

# An emulator for one test. By default, checks complete on request only.
test_emulator <- function(..., check_after = Inf, frame = parent.frame()) {
  emulator <- rekognition_emulator(..., check_after = check_after)
  withr::defer(emulator$stop(), frame)
  emulator
}

# A file with these lines for one test.
local_file <- function(lines, frame = parent.frame()) {
  withr::local_tempfile(lines = lines, .local_envir = frame)
}

# A command that prints temporary keys of an emulator, as a credential_process does.
keys_command <- function(emulator, frame = parent.frame()) {
  keys <- emulator$credentials()$creds
  json <- sprintf(
    '{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "%s", "SessionToken": "%s"}',
    keys$access_key_id,
    keys$secret_access_key,
    keys$session_token
  )
  file <- local_file(json, frame)
  # Windows takes slashes for options.
  if (.Platform$OS.type == "windows") paste("type", chartr("/", "\\", file)) else paste("cat", file)
}

caught <- function(expr) {
  tryCatch(expr, error = identity)
}

# Shows an error in a form that does not depend on the version of testthat.
show_error <- function(expr) {
  error <- caught(expr)
  writeLines(c(paste0("<", class(error)[1], ">"), conditionMessage(error)))
}

# Bytes that are not valid UTF-8, in every locale.
broken <- rawToChar(as.raw(c(0xff, 0xfe)))
Encoding(broken) <- "UTF-8"

# The results of an empty response.
nothing <- function() {
  image <- list(
    Bytes = raw(0),
    S3Object = list(Bucket = character(0), Name = character(0), Version = character(0)),
    BoundingBox = list(Width = numeric(0), Height = numeric(0), Left = numeric(0), Top = numeric(0))
  )
  list(
    SessionId = character(0),
    Status = character(0),
    Confidence = numeric(0),
    ReferenceImage = image,
    AuditImages = list()
  )
}

# A new session.
new_session <- function(svc) {
  svc$create_face_liveness_session()$SessionId
}

# The results of a response with this body.
results_of <- function(emulator, svc, body, ...) {
  emulator$put_result(some_id, body, ...)
  svc$get_face_liveness_session_results(some_id)
}

# Runs code in a fresh R that has the package and the emulator's config, as `config`.
run_elsewhere <- function(code, args) {
  callr::r(
    code,
    args = args,
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
}

# An image as the plain list of the documentation.
plain_image <- function(image) {
  attributes(image) <- list(names = names(image))
  image
}

# Sessions whose checks succeeded.
checked_sessions <- function(emulator, svc, n, ...) {
  ids <- vapply(seq_len(n), function(i) svc$create_face_liveness_session(...)$SessionId, "")
  for (id in ids) {
    emulator$check(id, confidence = 97.5)
  }
  ids
}

# The requests for results that an emulator received.
results_requests <- function(emulator) {
  requests <- emulator$requests()
  requests[requests$operation == "GetFaceLivenessSessionResults", ]
}

# Runs the event loop until the promise is settled, and returns its value or its error. `between` is called between two
# rounds.
settled <- function(promise, between = NULL) {
  outcome <- new.env()
  promises::then(
    promise,
    function(value) outcome$value <- value,
    function(error) outcome$value <- error
  )
  deadline <- Sys.time() + 120
  while (is.null(outcome$value) && Sys.time() < deadline) {
    later::run_now(if (is.null(between)) 1 else 0.05)
    if (!is.null(between)) between()
  }
  outcome$value
}
