# botocore and its model of the service judge the requests and values of this package: see boto3-exactness.py.

exactness_cases <- 30

# Each seed makes other cases.
exactness_seed <- function() Sys.getenv("REKOGNITION_EXACTNESS_SEED", "16")

# The cases of a kind, clients of the server that belongs to them, and the server's problems.
local_judge <- function(kind, frame = parent.frame()) {
  folder <- withr::local_tempdir(.local_envir = frame)
  # R sets it to its own libraries, which do not match the OpenSSL of another Python.
  withr::local_envvar(LD_LIBRARY_PATH = NA)
  python <- callr::process$new(
    Sys.getenv("REKOGNITION_BOTO3_PYTHON"),
    c(test_path("boto3-exactness.py"), kind, folder, exactness_seed(), exactness_cases),
    stdin = "|",
    stdout = "|",
    stderr = ""
  )
  withr::defer(python$kill(), frame)
  url <- python_line(python)
  clients <- list()
  client <- function(place) {
    if (is.null(clients[[place]])) {
      keys <- list(access_key_id = "AKIAEXAMPLE", secret_access_key = "secret")
      clients[[place]] <<- rekognition(
        credentials = list(creds = keys),
        endpoint = paste0(url, "/", place),
        region = "us-east-1"
      )
    }
    clients[[place]]
  }
  list(
    url = url,
    cases = readRDS(file.path(folder, "cases.rds")),
    client = client,
    call = function(case) {
      do.call(client(paste0("ours/", case$number))[[case$operation]], case$arguments)
    },
    problems = function() {
      python$write_input("\n")
      expect_identical(python_line(python), "done")
      readRDS(file.path(folder, "problems.rds"))
    }
  )
}

python_line <- function(python) {
  while (python$is_alive()) {
    python$poll_io(1000)
    line <- python$read_output_lines(1)
    if (length(line) > 0) {
      return(line)
    }
  }
  stop("Python has ended.")
}

# The findings of `judge_case` in all cases, each with the name of its case.
findings <- function(cases, judge_case) {
  unlist(lapply(cases, function(case) {
    found <- judge_case(case)
    if (length(found) > 0) {
      paste0(case$operation, ", case ", case$number, " of seed ", exactness_seed(), ": ", found)
    }
  }))
}

expect_no_findings <- function(found) {
  shown <- paste(utils::head(found, 20), collapse = "\n")
  expect(length(found) == 0, sprintf("%d findings:\n%s", length(found), shown))
}

# Where a value is not as expected, or NULL. Not even the sign of a zero may differ.
difference <- function(value, expected, path = "value") {
  if (identical(value, expected, num.eq = FALSE)) {
    return(NULL)
  }
  is_alike <- is.list(value) &&
    is.list(expected) &&
    length(value) == length(expected) &&
    identical(attributes(value), attributes(expected))
  if (is_alike) {
    names <- if (is.null(names(value))) sprintf("[[%d]]", seq_along(value)) else paste0("$", names(value))
    for (i in seq_along(value)) {
      found <- difference(value[[i]], expected[[i]], paste0(path, names[i]))
      if (!is.null(found)) {
        return(found)
      }
    }
  }
  paste0(path, ": ", shown_value(value), ", not ", shown_value(expected))
}

shown_value <- function(x) {
  substr(paste(deparse(x, control = c("digits17", "showAttributes", "keepInteger")), collapse = " "), 1, 200)
}

# The strings and names in a value that are neither ASCII nor marked as UTF-8.
unmarked <- function(x) {
  text <- as.character(c(names(x), if (is.character(x)) x))
  is_marked <- Encoding(text) == "UTF-8" | !is.na(iconv(text, "UTF-8", "ASCII"))
  c(
    sprintf("\"%s\" is not marked as UTF-8", text[!is_marked]),
    if (is.list(x)) unlist(lapply(x, unmarked))
  )
}

# The JSON that a call at /echo or /again has sent, or what happened instead.
sent <- function(expr) {
  error <- caught(expr)
  if (inherits(error, "rekognition_service_error")) {
    return(error$error_response$Message)
  }
  paste0('"', class(error)[1], if (inherits(error, "error")) conditionMessage(error), '"')
}

# The order of members does not matter.
expect_sent <- function(expr, json) {
  parsed <- function(text) sorted(jsonlite::fromJSON(text, simplifyVector = FALSE))
  body <- sent(expr)
  expect_identical(parsed(body), parsed(json), label = body, expected.label = json)
}

sorted <- function(x) {
  if (!is.list(x)) {
    return(x)
  }
  lapply(if (is.null(names(x))) x else x[order(names(x))], sorted)
}
