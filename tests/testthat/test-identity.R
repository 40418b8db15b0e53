# boto3 is the reference for the identity and the endpoint of requests. `boto3-identity.py` generates combinations of
# config files, credentials files, environment variables and arguments; servers on loopback report the requests that
# they receive from boto3 and from this package.

# The combinations, each with the outcomes of boto3 and of this package.
local_cases <- function(frame = parent.frame()) {
  folder <- withr::local_tempdir(.local_envir = frame)
  # R sets it to its own libraries, which do not match the OpenSSL of another Python.
  withr::local_envvar(LD_LIBRARY_PATH = NA)
  python <- callr::process$new(
    Sys.getenv("REKOGNITION_BOTO3_PYTHON"),
    c(test_path("boto3-identity.py"), folder),
    stdin = "|",
    stdout = "|",
    stderr = ""
  )
  withr::defer(python$kill(), frame)
  while (python$is_alive() && !identical(python$read_output_lines(1), "ready")) {
    python$poll_io(1000)
  }
  expect_true(python$is_alive())
  cases <- jsonlite::fromJSON(file.path(folder, "cases.json"), simplifyVector = FALSE)
  away <- file.path(folder, "away.txt")
  lapply(cases, function(case) {
    case$boto3 <- facts(case$boto3)
    case$ours <- facts(outcome(case, away))
    case
  })
}

# The outcome with this package, in the format of the script's outcome with boto3.
outcome <- function(case, away) {
  ambient <- grep("^(AWS_|HOME$|(HTTPS?|ALL|NO)_PROXY$)", names(Sys.getenv()), value = TRUE)
  unset <- rep(NA_character_, length(ambient))
  withr::local_envvar(c(structure(unset, names = ambient), unlist(case$env)))
  before <- length(readLines(away))
  error <- caught(ask(case$call))
  if (inherits(error, "rekognition_service_error")) {
    return(list(arrived = error$error_response$Message))
  }
  if (inherits(error, c("rekognition_credentials_error", "rekognition_config_error"))) {
    return(list(error = conditionMessage(error)))
  }
  requests <- readLines(away)
  if (inherits(error, "rekognition_connection_error") && length(requests) > before) {
    return(list(away = requests[before + 1]))
  }
  list(unexpected = paste0("<", class(error)[1], "> ", paste(format(error), collapse = " ")))
}

ask <- function(call) {
  credentials <- list(profile = call$profile)
  if (!is.null(call$key)) {
    credentials$creds <- list(
      access_key_id = call$key,
      secret_access_key = call$secret,
      session_token = call$token
    )
  }
  svc <- rekognition(credentials = credentials, endpoint = call$endpoint, region = call$region)
  svc$get_face_liveness_session_results(some_id)
}

# An outcome as a named vector. Only the host is known of a request to AWS itself, because the proxy refuses it.
facts <- function(outcome) {
  if (!is.null(outcome$arrived)) {
    return(unlist(jsonlite::fromJSON(outcome$arrived)))
  }
  if (!is.null(outcome$away)) {
    host <- strsplit(outcome$away, ".", fixed = TRUE)[[1]]
    return(c(server = "AWS", host = outcome$away, region = host[2]))
  }
  unlist(outcome)
}

fact <- function(facts, name) if (name %in% names(facts)) facts[[name]] else ""

is_error <- function(facts) identical(names(facts), "error")

# The names of the facts that differ, or the only one of both that raises an error. All errors are equal.
differences <- function(case) {
  if (is_error(case$ours) || is_error(case$boto3)) {
    return(c(
      if (!is_error(case$boto3)) "refused here",
      if (!is_error(case$ours)) "refused by boto3"
    ))
  }
  names <- union(names(case$boto3), names(case$ours))
  # The name of an AWS host contains the region.
  if (fact(case$boto3, "server") == "AWS" && fact(case$ours, "server") == "AWS") {
    names <- setdiff(names, "host")
  }
  names[vapply(names, function(name) fact(case$boto3, name) != fact(case$ours, name), NA)]
}

# Whether the case has one of these choices.
chose <- function(case, name, ...) {
  choice <- case$choices[[name]]
  !is.null(choice) && choice %in% c(...)
}

mentions <- function(case, name, text) any(grepl(text, case$choices[[name]], fixed = TRUE))

# The outcome is that of the selected profile, as if its file had been written in the usual syntax.
is_as_usual <- function(case, region = "eu-central-1") {
  key <- if (chose(case, "in", "config")) "AKIACONF" else "AKIACRED"
  startsWith(fact(case$ours, "key"), key) && fact(case$ours, "region") == region
}

# A deliberate difference: the behavior of both, the differences it explains, and the cases it applies to. The help page
# has the same table.
deviation <- function(boto3, here, explains, applies) {
  list(boto3 = boto3, here = here, explains = explains, applies = applies)
}

identity_facts <- c("key", "token")
all_differences <- c(
  identity_facts,
  "signature",
  "region",
  "server",
  "host",
  "path",
  "refused here",
  "refused by boto3"
)

deviations <- list(
  `incomplete key pair` = deviation(
    "A secret access key without an access key ID is ignored, and the next source is used.",
    "Half a key pair is an error, in the environment and in each of the files.",
    "refused here",
    function(case) {
      in_environment <- chose(case, "env_keys", "secret only") && is.null(case$call$profile)
      in_environment ||
        chose(case, "credentials_keys", "secret only") ||
        chose(case, "config_keys", "secret only")
    }
  ),
  `web identity variables` = deviation(
    "AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN take precedence over the selected profile, and complete its web identity settings.",
    "A profile with credentials takes precedence over them, and must be complete.",
    c(identity_facts, "refused here"),
    function(case) grepl("=of-variables", fact(case$boto3, "token"), fixed = TRUE)
  ),
  `profile in the call without credentials` = deviation(
    "The role of the container or instance is used instead.",
    "It is an error. A profile named by AWS_PROFILE may leave credentials to the container or instance in both.",
    "refused here",
    function(case) !is.null(case$call$profile) && grepl("^(container|instance)", fact(case$boto3, "token"))
  ),
  AWS_REGION = deviation(
    "AWS_REGION is ignored.",
    "AWS_REGION takes precedence over AWS_DEFAULT_REGION, as in the other SDKs.",
    c("region", "refused by boto3"),
    function(case) mentions(case, "region", "AWS_REGION") && fact(case$ours, "region") == "us-west-2"
  ),
  `region of the instance` = deviation(
    "A region that is set nowhere is an error.",
    "The region of the instance is used where there is one.",
    "refused by boto3",
    function(case) fact(case$ours, "region") == "eu-north-1"
  ),
  AWS_DEFAULT_PROFILE = deviation(
    "AWS_DEFAULT_PROFILE takes precedence over AWS_PROFILE.",
    "AWS_PROFILE, which the other SDKs know, takes precedence over AWS_DEFAULT_PROFILE.",
    all_differences,
    function(case) chose(case, "selection", "both variables")
  ),
  `old names of the session token` = deviation(
    "AWS_SECURITY_TOKEN and aws_security_token take precedence over AWS_SESSION_TOKEN and aws_session_token.",
    "They are used only if these are not set.",
    "token",
    function(case) {
      chose(case, "env_keys", "both tokens") ||
        chose(case, "credentials_keys", "both tokens") ||
        chose(case, "config_keys", "both tokens")
    }
  ),
  `empty values` = deviation(
    "An empty variable or property can be a profile, a file, a region or an address with an empty name. An empty endpoint is ignored.",
    "An empty variable or property is not set. An empty endpoint is an error.",
    all_differences,
    function(case) {
      any(case$env == "") || mentions(case, "region", "empty") || mentions(case, "endpoint", "empty")
    }
  ),
  `missing files` = deviation(
    "AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE may name a file that does not exist, or a folder.",
    "That is an error.",
    "refused here",
    function(case) {
      chose(case, "config_place", "no file", "folder") ||
        chose(case, "credentials_place", "no file", "folder")
    }
  ),
  `missing services section` = deviation(
    "`services = name` without a section of that name, or with an empty one, is an error unless a variable sets the endpoint.",
    "It is an error whatever the variables say; an empty section is a section.",
    c("refused here", "refused by boto3"),
    function(case) chose(case, "services", "typo") || chose(case, "block", "empty section")
  ),
  `values of the wrong type` = deviation(
    "A `duration_seconds` that is not a number and an `ignore_configured_endpoint_urls` that is not `true` are ignored.",
    "What is not a number, or neither `true` nor `false`, is an error.",
    "refused here",
    function(case) chose(case, "role", "bad duration") || mentions(case, "ignore", "yes")
  ),
  `inline comments` = deviation(
    "` # comment` or ` ; comment` after a value is part of the value.",
    "It is a comment, as in the AWS SDKs and Tools Reference Guide.",
    "refused by boto3",
    function(case) {
      mentions(case, "syntax", "inline") &&
        is_as_usual(case) ||
        mentions(case, "block", "inline") && fact(case$ours, "server") == "services"
    }
  ),
  `duplicates` = deviation(
    "A section or property that occurs twice makes the file an error.",
    "Sections with the same name are merged, and the last value of a property is used.",
    "refused by boto3",
    function(case) {
      repeated <- c(
        "duplicate section",
        "equal section twice",
        "contradicting section",
        "duplicate property",
        "contradicting property"
      )
      last <- mentions(case, "syntax", "contradicting") && chose(case, "of", "selected")
      chose(case, "syntax", repeated) && is_as_usual(case, if (last) "sa-east-1" else "eu-central-1")
    }
  ),
  `invalid lines elsewhere` = deviation(
    "An invalid line makes the file an error.",
    "It is an error for the profile that it belongs to; other profiles can be used.",
    "refused by boto3",
    function(case) {
      in_section <- c(
        "line without equals sign",
        "line without name",
        "unclosed header",
        "nested block with a colon",
        "nested block without equals sign"
      )
      after_it <- c(
        "unclosed header after it",
        "empty header after it",
        "unknown section with a bad line"
      )
      is_elsewhere <- chose(case, "syntax", in_section) && chose(case, "of", "other")
      (is_elsewhere || chose(case, "syntax", after_it)) && is_as_usual(case)
    }
  ),
  `spelling` = deviation(
    "Spaces next to the brackets of a header, spaces in a name without quotes, a byte order mark and an upper-case ENDPOINT_URL in a `services` section are not accepted.",
    "They are accepted.",
    c("refused by boto3", "server"),
    function(case) {
      chose(case, "syntax", "blanks in header", "byte order mark") &&
        is_as_usual(case) ||
        chose(case, "name", "two words without quotes") && startsWith(fact(case$ours, "key"), "AKIANAMED") ||
        chose(case, "block", "upper-case property") && fact(case$ours, "server") == "services"
    }
  ),
  `two default profiles` = deviation(
    "Of `[default]` and `[profile default]` in the config file, the last one is used.",
    "`[profile default]` is used.",
    identity_facts,
    function(case) {
      mentions(case, "name", "beside default") && startsWith(fact(case$ours, "key"), "AKIAPREFIXED")
    }
  )
)

# The names of the deviations that explain a difference of the case.
deviations_of <- function(case) {
  found <- differences(case)
  explains <- function(deviation) any(deviation$explains %in% found) && deviation$applies(case)
  names(deviations)[vapply(deviations, explains, NA)]
}

is_explained <- function(case) {
  explained <- unlist(lapply(deviations[deviations_of(case)], `[[`, "explains"))
  all(differences(case) %in% explained)
}

# A description of a case for messages.
dump <- function(case) {
  files <- file.path(case$folder, c("config", "credentials"))
  files <- files[file.exists(files)]
  text <- lapply(files, function(file) c(paste0("--- ", basename(file)), readLines(file, warn = FALSE)))
  pairs <- function(x) if (length(x) > 0) paste0(names(x), " = ", unlist(x))
  c(
    case$label,
    "--- environment",
    pairs(case$env),
    "--- call",
    pairs(case$call),
    unlist(text),
    "--- boto3",
    pairs(case$boto3),
    "--- this package",
    pairs(case$ours),
    paste("--- different:", toString(differences(case)))
  )
}

test_that("requests have the identity and the endpoint that boto3 would use, except for the listed deviations", {
  skip_without_boto3()
  skip_if_not_installed("jsonlite")
  skip_on_os("windows") # paths and commands of the combinations are POSIX
  cases <- local_cases()
  expect_gt(length(cases), 1000)
  expect_gt(sum(!vapply(cases, function(case) is_error(case$boto3), NA)), 800)
  different <- Filter(function(case) length(differences(case)) > 0, cases)
  for (case in different) {
    expect(is_explained(case), paste(dump(case), collapse = "\n"))
  }
  # A deviation that explains nothing is obsolete.
  expect_setequal(unlist(lapply(different, deviations_of)), names(deviations))
})
