# What a client is, whether the service can be reached with it, and what to do if not.

#' Situation report
#'
#' Looks at everything that a call depends on, and asks the service once, for a session that does not exist: versions,
#' region, endpoint, source of the credentials, proxy, CA bundle, whether the service answers and knows the
#' caller, and how far the clock of this machine is from the service's. It says one line of advice for each problem. No
#' secret is shown: the report can be pasted into a question.
#'
#' The question costs a request, and needs the permission `rekognition:GetFaceLivenessSessionResults`. It is asked
#' once, without retries, and waits 10 seconds at most.
#'
#' @param svc A client: see [rekognition()]; by default the one that [rekognition_default()] gives. A client that cannot be
#'   made is a problem like others.
#' @return A list of class `rekognition_sitrep`, which prints as the report, with the strings `rekognition`, `sdk` (version
#'   of the AWS SDK for Rust), `r`, `platform`, `region`, `endpoint`, `credentials`, `proxy`, `ca_bundle` and `service`
#'   (`NA` where there is nothing to tell), the number `clock_skew` (seconds that this machine's clock is ahead, to
#'   about a second; `NA` if it is not known), and the character vector `advice`, empty if all is well.
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
  found <- tryCatch(
    {
      check_client(svc, call)
      describe_handle(handle_of(svc), call)
    },
    rekognition_config_error = identity
  )
  if (inherits(found, "condition")) {
    report$advice <- short_message(found)
  } else {
    report <- probe_service(describe_client(report, found), handle_of(svc), call)
  }
  structure(report, class = "rekognition_sitrep")
}

describe_client <- function(report, found) {
  for (name in c("region", "endpoint", "proxy", "ca_bundle")) {
    report[[name]] <- with_source(found[[name]], found[[paste0(name, "_source")]])
  }
  report$sdk <- found$sdk_version
  report$credentials <- found$credentials
  if (!is.na(found$region) && is.na(found$endpoint_source) && !found$region %in% liveness_regions) {
    report$advice <- gettextf(
      "Face Liveness was not in %s when this package was made. It was in %s.",
      found$region,
      paste(liveness_regions, collapse = ", ")
    )
  }
  report
}

# One request that changes nothing.
probe_service <- function(report, handle, call) {
  settings <- handle$settings
  settings$max_retries <- 0
  settings$connect_timeout <- settings$read_timeout <- settings$operation_timeout <- 10
  once <- new.env(parent = emptyenv())
  once$settings <- settings
  once$get_keys <- handle$get_keys
  before <- Sys.time()
  fault <- tryCatch(
    {
      connect_handle(once, call)
      wait_for_call(call_get_session_results(once$client, unknown_session, "off", 0), once, call)
    },
    rekognition_error = identity
  )
  now <- Sys.time()
  problem <- if (inherits(fault, "condition")) {
    fault
  } else if (is.object(fault)) {
    native_condition(fault, call)
  }
  is_incomplete <- inherits(problem, c("rekognition_credentials_error", "rekognition_config_error"))
  if (is_incomplete) {
    forget_default(handle)
  }
  is_refused <- inherits(problem, "rekognition_service_error")
  report$service <- if (is_refused) {
    gettextf("answers (%s, HTTP %s)", problem$code, problem$status_code)
  } else if (is.null(problem)) {
    gettext("answers")
  } else if (is_incomplete) {
    gettext("was not asked")
  } else {
    gettext("gives no answer that can be used")
  }
  # Of an id that nobody has, this is what a caller who may ask is told.
  if (inherits(problem, "SessionNotFoundException")) {
    report$service <- gettext("answers, and knows the caller")
  } else if (!is.null(problem)) {
    report$advice <- c(report$advice, short_message(problem))
  }
  if (is_refused && !is.na(fault$date)) {
    report$clock_skew <- clock_skew(as.double(before), as.double(now), fault$date)
    if (abs(report$clock_skew) > 240) {
      report$advice <- c(
        report$advice,
        gettext(
          "The clock of this machine is wrong: AWS refuses requests that are five minutes off. Set it (with NTP)."
        )
      )
    }
  }
  report
}

unknown_session <- "00000000-0000-4000-8000-000000000000"

# The service tells whole seconds, some time between our asking and its answer's coming.
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
      gettext("as the service's")
    } else if (x$clock_skew > 0) {
      gettextf("%s s ahead", seconds)
    } else {
      gettextf("%s s behind", seconds)
    }
  }
  c(
    line("rekognition", paste0(x$rekognition, if (!is.na(x$sdk)) paste0(", AWS SDK for Rust ", x$sdk))),
    line("R", paste0(x$r, ", ", x$platform)),
    line("region", if (is.na(x$region)) gettext("not set") else x$region),
    line("endpoint", x$endpoint),
    line("credentials", x$credentials),
    line("proxy", x$proxy),
    line("CA bundle", x$ca_bundle),
    line("service", x$service),
    if (!is.null(skew)) line("clock", skew),
    if (length(x$advice) == 0) gettext("No problem was found.") else advice_lines(x$advice)
  )
}

#' @export
print.rekognition_sitrep <- function(x, ...) {
  check_print_dots(list(...), character(), quote(print(...)))
  writeLines(format(x))
  invisible(x)
}
