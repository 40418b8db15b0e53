# The situation report: how a client is configured, whether it can reach the service, and what to fix.

#' Situation report
#'
#' Checks everything that a call depends on, and sends one request, for a session that does not exist. The report lists
#' the versions, region, endpoint, source of the credentials, proxy, CA bundle and clock skew. It says whether the service
#' is reachable and the caller is authorized, and gives advice for each problem. It contains no secrets and can be shared.
#'
#' The request is one API call and requires the permission `rekognition:GetFaceLivenessSessionResults`. It is sent
#' once, without retries, with a time limit of 10 seconds.
#'
#' @param svc A client: see [rekognition()]. Default: [rekognition_default()]. A client that cannot be created is
#'   reported as a problem.
#' @return A list of class `rekognition_sitrep`, which prints as the report, with the strings `rekognition`, `sdk`
#'   (version of the crate aws-sdk-rekognition), `r`, `platform`, `region`, `endpoint`, `credentials`, `proxy`, `ca_bundle` and
#'   `service` (`NA` if not known), the number `clock_skew` (seconds that the clock of this machine is ahead, to about a
#'   second; `NA` if not known), and the character vector `advice`, empty if there are no problems.
#' @references
#' [Face Liveness prerequisites](https://docs.aws.amazon.com/rekognition/latest/dg/face-liveness-prerequisites.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' rekognition_sitrep(rekognition(config = emulator$config))
#' emulator$stop()
rekognition_sitrep <- function(svc = rekognition_default()) {
  call <- user_call(sys.call(), hide_args = TRUE)
  report <- list(
    rekognition = as.character(utils::packageVersion("rekognition")),
    sdk = NA_character_,
    r = paste(R.version$major, R.version$minor, sep = "."),
    platform = R.version$platform,
    region = NA_character_,
    endpoint = NA_character_,
    credentials = NA_character_,
    proxy = NA_character_,
    ca_bundle = NA_character_,
    service = NA_character_,
    clock_skew = NA_real_,
    advice = character()
  )
  client <- tryCatch(
    {
      check_client(svc, call)
      describe_handle(handle_of(svc), call)
    },
    rekognition_config_error = identity
  )
  if (inherits(client, "condition")) {
    report$advice <- short_message(client)
  } else {
    report <- probe_service(describe_client(report, client), handle_of(svc), call)
  }
  structure(report, class = "rekognition_sitrep")
}

describe_client <- function(report, client) {
  for (name in c("region", "endpoint", "proxy", "ca_bundle")) {
    report[[name]] <- with_source(client[[name]], client[[paste0(name, "_source")]])
  }
  report$sdk <- client$sdk_version
  report$credentials <- client$credentials
  if (!is.na(client$region) && is.na(client$endpoint_source) && !client$region %in% liveness_regions) {
    report$advice <- gettextf(
      "When this package was released, Face Liveness was not available in %s, only in %s.",
      client$region,
      paste(liveness_regions, collapse = ", ")
    )
  }
  report
}

# Sends one request, which changes nothing.
probe_service <- function(report, handle, call) {
  settings <- handle$settings
  settings$max_retries <- 0
  settings$connect_timeout <- settings$read_timeout <- settings$operation_timeout <- 10
  once <- new.env(parent = emptyenv())
  once$settings <- settings
  once$get_keys <- handle$get_keys
  before <- Sys.time()
  value <- tryCatch(
    {
      connect_handle(once, call)
      wait_for_call(
        call_start(
          once$client,
          "get_face_liveness_session_results",
          list(SessionId = unknown_session),
          "off",
          0
        ),
        once,
        call
      )
    },
    rekognition_error = identity
  )
  after <- Sys.time()
  problem <- if (inherits(value, "condition")) {
    value
  } else if (is.object(value)) {
    native_condition(value, call)
  }
  is_incomplete <- inherits(problem, c("rekognition_credentials_error", "rekognition_config_error"))
  if (is_incomplete) {
    forget_default(handle)
  }
  is_refused <- inherits(problem, "rekognition_service_error")
  report$service <- if (is_refused && is.na(problem$code)) {
    gettextf("returned an error (HTTP %s)", problem$status_code)
  } else if (is_refused) {
    gettextf("returned an error (%s, HTTP %s)", problem$code, problem$status_code)
  } else if (is.null(problem)) {
    gettext("reachable")
  } else if (is_incomplete) {
    gettext("not contacted")
  } else if (inherits(problem, "rekognition_response_error")) {
    gettext("invalid response")
  } else {
    gettext("not reachable")
  }
  # An authorized caller gets this error for a session that does not exist.
  if (inherits(problem, "SessionNotFoundException")) {
    report$service <- gettext("reachable, caller authorized")
  } else if (!is.null(problem)) {
    report$advice <- c(report$advice, short_message(problem))
  }
  if (is_refused && !is.na(value$date)) {
    report$clock_skew <- clock_skew(as.double(before), as.double(after), value$date)
    if (abs(report$clock_skew) > 240) {
      report$advice <- c(
        report$advice,
        gettext(
          "The clock of this machine is wrong. AWS refuses requests whose time is off by more than five minutes: synchronize the clock."
        )
      )
    }
  }
  report
}

unknown_session <- "00000000-0000-4000-8000-000000000000"

# The clock skew in seconds. The date of the response has whole seconds and is from between the request and the
# response.
clock_skew <- function(before, after, date) {
  if (after < date) {
    after - date
  } else if (before > date + 1) {
    before - (date + 1)
  } else {
    0
  }
}

advice_lines <- function(advice) {
  lines <- lapply(strsplit(advice, "\n", fixed = TRUE), clean_text)
  vapply(lines, function(lines) paste("!", paste(lines, collapse = "\n  ")), "")
}

#' @export
format.rekognition_sitrep <- function(x, ...) {
  line <- function(name, value) if (!is.na(value)) clean_text(paste0(formatC(name, width = -13), value))
  skew <- if (!is.na(x$clock_skew)) {
    seconds <- format(round(abs(x$clock_skew)))
    if (abs(x$clock_skew) < 1) {
      gettext("in sync")
    } else if (x$clock_skew > 0) {
      gettextf("%s s ahead", seconds)
    } else {
      gettextf("%s s behind", seconds)
    }
  }
  c(
    line("rekognition", paste0(x$rekognition, if (!is.na(x$sdk)) paste0(", aws-sdk-rekognition ", x$sdk))),
    line("R", paste0(x$r, ", ", x$platform)),
    line("region", if (is.na(x$region)) gettext("not set") else x$region),
    line("endpoint", x$endpoint),
    line("credentials", x$credentials),
    line("proxy", x$proxy),
    line("CA bundle", x$ca_bundle),
    line("service", x$service),
    if (!is.null(skew)) line("clock", skew),
    if (length(x$advice) == 0) gettext("No problems found.") else advice_lines(x$advice)
  )
}

#' @export
print.rekognition_sitrep <- function(x, ...) {
  check_print_dots(list(...), character(), quote(print(...)))
  writeLines(format(x))
  invisible(x)
}
