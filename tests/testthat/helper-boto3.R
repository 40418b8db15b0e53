# boto3 is the reference, because our own emulator and our own parser could share a mistake.

skip_without_boto3 <- function() {
  skip_if(
    Sys.getenv("REKOGNITION_BOTO3_PYTHON") == "",
    "REKOGNITION_BOTO3_PYTHON does not name a Python with boto3"
  )
}

hex <- function(bytes) paste(format(bytes), collapse = "")

# The output lines of a script for the Python with boto3.
run_python <- function(script, arguments = character(), input = NULL) {
  # R sets it to libraries that do not fit Python's OpenSSL.
  withr::local_envvar(LD_LIBRARY_PATH = NA)
  python <- Sys.getenv("REKOGNITION_BOTO3_PYTHON")
  lines <- system2(python, c(test_path(script), arguments), stdout = TRUE, input = input)
  expect_null(attr(lines, "status"))
  lines
}

# boto3's results for these sessions, in lines as boto3-results.py describes them.
ask_boto3 <- function(emulator, ids, credentials = emulator$config$credentials) {
  keys <- credentials$creds
  withr::local_envvar(
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key,
    AWS_SESSION_TOKEN = if (is.null(keys$session_token)) NA else keys$session_token
  )
  run_python("boto3-results.py", emulator$url, input = ids)
}

# This package's results in the same form.
our_results <- function(svc, ids) {
  unlist(lapply(ids, function(id) {
    lines <- result_lines(svc, id)
    if (length(lines) > 0) paste(id, lines, sep = "\t")
  }))
}

result_lines <- function(svc, id) {
  result <- caught(svc$get_face_liveness_session_results(id))
  if (!inherits(result, "error")) {
    return(unlist(Map(leaf_lines, names(result), result), use.names = FALSE))
  }
  fields <- c(
    Code = result$code,
    Message = result$error_response$Message,
    status = result$status_code,
    request = result$request_id
  )
  paste(
    paste0("error$", names(fields)),
    "string",
    vapply(fields, function(x) hex(charToRaw(x)), ""),
    sep = "\t"
  )
}

leaf_lines <- function(path, value) {
  line <- function(type, text) paste(path, type, text, sep = "\t")
  if (is.list(value) && is.null(names(value))) {
    items <- lapply(seq_along(value), function(i) leaf_lines(paste0(path, "[", i, "]"), value[[i]]))
    # A list that is absent and one that is empty are the same in R.
    return(if (length(value) > 0) c(line("length", length(value)), unlist(items)))
  }
  if (is.list(value)) {
    return(unlist(Map(leaf_lines, paste0(path, "$", names(value)), value), use.names = FALSE))
  }
  if (length(value) == 0) {
    return(NULL)
  }
  switch(
    typeof(value),
    double = line("number", hex(writeBin(value, raw(), endian = "big"))),
    raw = line("bytes", hex(value)),
    character = line("string", if (nzchar(value)) hex(charToRaw(enc2utf8(value))) else "")
  )
}

# Random valid responses: members in any order, absent, null or repeated, numbers and strings written
# in every way that JSON allows, and unknown members.
random_response <- function() {
  members <- list(
    SessionId = random_string(),
    Status = random_status(),
    Confidence = random_number(),
    ReferenceImage = random_image(),
    AuditImages = random_list(random_image, 6),
    Challenge = '{"Type":"FaceMovementChallenge","Version":"1.0.0"}',
    Feedback = "[]"
  )
  random_object(members)
}

random_object <- function(members) {
  members <- members[runif(length(members)) < 0.85]
  members[runif(length(members)) < 0.1] <- "null"
  unknown <- list('[1,{"a":null}]', "-0.5e-3", '"\\u0000"', "{}", "true")[runif(5) < 0.1]
  names(unknown) <- sprintf("New%d", seq_along(unknown))
  members <- sample(c(members, unknown))
  space <- function() sample(c("", "", "", " ", "\n", "\t\r\n "), 1)
  pairs <- vapply(
    seq_along(members),
    function(i) {
      paste0(
        space(),
        '"',
        random_escapes(names(members)[i]),
        '"',
        space(),
        ":",
        space(),
        members[[i]],
        space()
      )
    },
    ""
  )
  paste0("{", paste(pairs, collapse = ","), space(), "}")
}

random_image <- function() {
  if (runif(1) < 0.1) {
    return("null")
  }
  random_object(list(
    Bytes = random_bytes(),
    S3Object = random_object(list(
      Bucket = random_string(),
      Name = random_string(),
      Version = random_string()
    )),
    BoundingBox = random_object(list(
      Width = random_number(),
      Height = random_number(),
      Left = random_number(),
      Top = random_number()
    ))
  ))
}

random_list <- function(item, most) {
  items <- replicate(sample(0:most, 1), item())
  paste0("[", paste(items, collapse = sample(c(",", " ,\n"), 1)), "]")
}

random_status <- function() {
  paste0(
    '"',
    random_escapes(sample(c("CREATED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "EXPIRED", "NEW"), 1)),
    '"'
  )
}

random_number <- function() {
  x <- switch(
    sample(4, 1),
    runif(1, 0, 100),
    runif(1, -1, 2),
    sample(-5:700, 1),
    runif(1) * 10^sample(-20:20, 1)
  )
  format <- sample(c("%.17g", "%.15g", "%.6g", "%.2f", "%.17e", "%.3E", "%.20f", "%.0f"), 1)
  # Python has an integer for -0, which has no sign.
  sub("^-0$", "0", sprintf(format, x))
}

random_string <- function() {
  alphabet <- c(letters, " ", "/", "%", "'", "\u00e9", "\u4e16", "\U1F600", "\u2028", "\u007f")
  escapes <- c(
    "\\\"",
    "\\\\",
    "\\/",
    "\\b",
    "\\f",
    "\\n",
    "\\r",
    "\\t",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\uFFFF",
    "\\u0001"
  )
  paste0('"', paste(sample(c(alphabet, escapes), sample(0:12, 1), TRUE), collapse = ""), '"')
}

random_bytes <- function() {
  bytes <- as.raw(sample(0:255, sample(0:200, 1), TRUE))
  paste0('"', random_escapes(gsub("/", "\\/", base64(bytes), fixed = TRUE)), '"')
}

# Some of the letters as escapes.
random_escapes <- function(text) {
  if (runif(1) < 0.8 || !nzchar(text) || grepl("\\", text, fixed = TRUE)) {
    return(text)
  }
  codes <- utf8ToInt(text)
  escaped <- runif(length(codes)) < 0.3
  paste(ifelse(escaped, sprintf("\\u%04x", codes), strsplit(text, "")[[1]]), collapse = "")
}

base64 <- function(bytes) {
  alphabet <- c(LETTERS, letters, 0:9, "+", "/")
  if (length(bytes) == 0) {
    return("")
  }
  padding <- (3 - length(bytes) %% 3) %% 3
  bytes <- matrix(as.integer(c(bytes, raw(padding))), 3)
  digits <- rbind(
    bytes[1, ] %/% 4,
    bytes[1, ] %% 4 * 16 + bytes[2, ] %/% 16,
    bytes[2, ] %% 16 * 4 + bytes[3, ] %/% 64,
    bytes[3, ] %% 64
  )
  text <- alphabet[digits + 1]
  text[length(text) + 1 - seq_len(padding)] <- "="
  paste(text, collapse = "")
}
