# The page of a Shiny module: what R sends to it, and its requests. srcjs/shiny.js is the other side.

# The largest request in bytes. The page sends at most this much video at once.
max_request_bytes <- 4e6
# And its largest report.
max_report_bytes <- 4000

# Sends the state. The ticket is sent once, to a page that is there: an app may start a check before its user interface
# exists.
tell_page <- function(module) {
  if (module$is_closed) {
    return(invisible())
  }
  check <- module$check
  ticket <- if (!is.null(module$page)) check$ticket
  if (!is.null(ticket)) {
    check$ticket <- NULL
    check$page <- module$page
  }
  reason <- if (inherits(check$error, "rekognition_check_error")) check$error$state
  message <- list(
    id = module$element,
    url = module$url,
    start = module$options$start,
    state = state_of(module),
    check = module$number,
    reason = reason,
    ticket = ticket
  )
  module$session$sendCustomMessage("rekognition-check", message[lengths(message) > 0])
}

# A new element is in the page: the first, or one that has replaced it, with the check that it showed.
meet_page <- function(module, page) {
  if (!is_number(page)) {
    return(invisible())
  }
  module$page <- page
  check <- module$check
  if (!is.null(check$page) && !identical(check$page, page) && check$state == "checking") {
    end_check(module, check, "cancelled")
  } else {
    tell_page(module)
  }
}

# The function for Shiny's registerDataObj(). It runs outside of reactive contexts, and also while a promise of the Shiny
# session is pending.
page_response <- function(module, request) {
  # Shiny would send the message of an error.
  tryCatch(
    shiny::isolate(handle_page_request(module, request)),
    error = function(e) refuse_page(500L)
  )
}

handle_page_request <- function(module, request) {
  if (!identical(request$REQUEST_METHOD, "POST")) {
    return(refuse_page(405L, list(Allow = "POST")))
  }
  if (!is_from_same_origin(module, request)) {
    return(refuse_page(403L))
  }
  query <- c(request$QUERY_STRING, "")[1]
  action <- query_value(query, "action")
  size <- suppressWarnings(as.numeric(c(request$CONTENT_LENGTH, NA)[1]))
  if (!isTRUE(size <= (if (action == "video") max_request_bytes else max_report_bytes))) {
    return(refuse_page(413L))
  }
  body <- request$rook.input$read()
  check <- module$check
  if (action == "start") {
    if (module$options$start != "manual" && state_of(module) %in% c("idle", "cancelled", "failed")) {
      start_check(module)
    }
    return(page_reply("{}"))
  }
  # Requests for an earlier check arrive late.
  if (is.null(check) || query_value(query, "check") != check$number) {
    return(refuse_page(410L))
  }
  if (action == "video" && !is.null(check$relay)) {
    reply <- check$relay$exchange(body)
    guard_check(module, check, follow_relay(module, check))
    return(page_reply(reply))
  }
  if (!action %in% c("done", "cancel", "failure")) {
    return(refuse_page(404L))
  }
  guard_check(module, check, hear_page(module, check, action, body))
  page_reply("{}")
}

# The page says that its part of the check has ended. It may lie: a check that the relay has completed is fetched in any
# case, and another one is not, unless R has no relay.
hear_page <- function(module, check, action, body) {
  follow_relay(module, check)
  if (check$state != "checking") {
    return(invisible())
  }
  switch(
    action,
    done = if (is.null(check$relay)) fetch_check(module, check),
    cancel = end_check(module, check, "cancelled"),
    failure = end_check(module, check, "failed", error = reported_condition(module, body))
  )
}

reported_condition <- function(module, body) {
  report <- tryCatch(jsonlite::fromJSON(rawToChar(body), simplifyVector = FALSE), error = function(e) NULL)
  state <- report_text(report, "state")
  state <- if (isTRUE(grepl("^[A-Z][A-Z_]{1,50}$", state))) state else "UNKNOWN"
  reason <- if (is.list(report)) report$reason
  reason <- list(code = report_text(reason, "code"), message = report_text(reason, "message"))
  page_condition(module, state, report_text(report, "message"), if (length(unlist(reason)) > 0) reason)
}

report_text <- function(report, name) {
  text <- if (is.list(report)) report[[name]]
  if (is_string(text)) clean_text(text, 500)
}

# A failure in the page.
page_condition <- function(module, state, message = NULL, reason = NULL) {
  message <- if (length(message) == 0) {
    gettextf("The check ended in the browser (%s).", state)
  } else {
    gettextf("The check ended in the browser (%s): %s", state, message)
  }
  check_condition(state, message, module$call, reason)
}

check_condition <- function(state, message, call, reason = NULL) {
  new_condition("rekognition_check_error", message, call, state = state, reason = reason)
}

# Whether the app's own page sent the request. Older browsers send no Sec-Fetch-Site. A proxy may change the Host header,
# so the page's own address is compared.
is_from_same_origin <- function(module, request) {
  site <- request$HTTP_SEC_FETCH_SITE
  origin <- request$HTTP_ORIGIN
  (is.null(site) || site == "same-origin") &&
    (is.null(origin) || identical(origin, origin_of(module$session)))
}

origin_of <- function(session) {
  address <- session$clientData
  port <- address$url_port
  paste0(address$url_protocol, "//", address$url_hostname, if (length(port) > 0 && nzchar(port)) ":", port)
}

query_value <- function(query, name) {
  pattern <- sprintf("^[?](.*&)?%s=([a-z0-9]{1,20})(&.*)?$", name)
  if (grepl(pattern, query, useBytes = TRUE)) sub(pattern, "\\2", query, useBytes = TRUE) else ""
}

page_reply <- function(json) {
  shiny::httpResponse(200L, "application/json", json, list(`Cache-Control` = "no-store"))
}

refuse_page <- function(status, headers = list()) {
  shiny::httpResponse(status, "text/plain", "", c(list(`Cache-Control` = "no-store"), headers))
}
