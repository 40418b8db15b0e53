# A back end for Face Liveness checks. The page requests a session, streams the video of the person's camera, and
# requests the verdict. Start it in this folder with
#
#   LIVENESS_THRESHOLD=95 Rscript -e 'plumber::pr_run(plumber::pr("plumber.R"), port = 8000)'
#
# and open http://127.0.0.1:8000.
#
# LIVENESS_THRESHOLD  the lowest confidence that passes, above 0 and up to 100. Required, because the right threshold
#                     depends on what is at stake. AWS's AI Service Card for Face Liveness gives starting points:
#                     https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html
# LIVENESS_ON_AWS     true: use Amazon Rekognition, with the region and credentials of the usual AWS sources. By default
#                     the emulator is used: it does not analyze the video, and makes up the outcome.
# LIVENESS_ROLE_ARN   a role whose keys the page gets, to stream to AWS itself: see ?liveness_direct. By default the video
#                     goes through this process, and the page gets no key. Required if there are several processes: a
#                     page's requests may then reach a process that does not have its relay.
#
# The browser receives only pass or fail. The confidence is neither sent nor logged: it would tell an attacker which
# forgery came closest.

# REPLACE this with your login. It returns the name of the authenticated user, or NULL if there is none: for example
# `req$HTTP_X_FORWARDED_USER` behind a reverse proxy that sets this header and removes any that a client sent. In this
# example, each browser without a cookie is a new user, with a random name in a cookie that scripts cannot read and only
# this server can create.
current_user <- function(req) {
  if (is.null(req$session$user)) {
    req$session <- list(user = sodium::bin2hex(sodium::random(16)))
  }
  req$session$user
}

# Each check costs money and is another attempt for an attacker. The limit is only as good as current_user().
checks_per_user <- 5
seconds_kept <- 600
most_sessions <- 10000
# The longest request of the page, which sends no more than 0.5 MB at once. A reverse proxy should limit bodies and
# connections, too: a body is read before its user is known.
most_bytes <- 1e6

threshold <- suppressWarnings(as.numeric(Sys.getenv("LIVENESS_THRESHOLD")))
if (is.na(threshold) || threshold <= 0 || threshold > 100) {
  stop(
    "Set the environment variable LIVENESS_THRESHOLD to the lowest confidence that passes, above 0 and up to 100."
  )
}
on_aws <- as.logical(Sys.getenv("LIVENESS_ON_AWS", "false"))
if (is.na(on_aws)) {
  stop("LIVENESS_ON_AWS must be true or false.")
}

# Short limits: a person waits, and can try again.
limits <- list(max_retries = 0, connect_timeout = 2, operation_timeout = 5)
if (!on_aws) {
  message("Running on the emulator: the outcome of a complete check is made up.")
  emulator <- rekognition::rekognition_emulator(check_after = Inf)
}
svc <- rekognition::rekognition(config = c(if (!on_aws) emulator$config, limits))
role_arn <- Sys.getenv("LIVENESS_ROLE_ARN")

# Where the page streams to, if that is not this server. The ticket is for no session: a role that cannot be assumed is an
# error now, not in the first check.
streaming_origin <- function() {
  found <- NULL
  keep <- function(value) found <<- value
  promises::then(rekognition::liveness_direct(svc, "none", role_arn), keep, keep)
  while (is.null(found)) {
    later::run_now(1)
  }
  if (inherits(found, "error")) {
    stop(found)
  }
  if (is.null(found$endpoint)) {
    sprintf("wss://streaming-rekognition.%s.amazonaws.com", found$region)
  } else {
    sub("^http", "ws", found$endpoint)
  }
}
connect_to <- c("'self'", if (nzchar(role_arn)) streaming_origin())

# The headers of every response.
response_headers <- list(
  `Cache-Control` = "no-store",
  `Content-Security-Policy` = paste(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:;",
    paste0("connect-src ", paste(connect_to, collapse = " "), ";"),
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
  ),
  `Permissions-Policy` = "camera=(self), microphone=()",
  `X-Frame-Options` = "DENY",
  `X-Content-Type-Options` = "nosniff",
  `Referrer-Policy` = "no-referrer"
)

# Sessions are environments of the members in store_session(), stored by session ID and, in order of creation, by the
# numbers from `oldest` to `newest`, so that no request has to search. They belong to this process: for several processes,
# store them in a database and give `session_cookie()` below a common key.
sessions <- new.env()
by_age <- new.env()
oldest <- 1
newest <- 0
# The number of sessions of each user, including those that are being created.
checks <- new.env()

checks_of <- function(user) {
  if (is.null(checks[[user]])) 0 else checks[[user]]
}

count_check <- function(user, by) {
  checks[[user]] <- checks_of(user) + by
  if (checks_of(user) == 0) {
    rm(list = user, envir = checks)
  }
}

store_session <- function(id, user) {
  session <- list(
    id = id,
    user = user,
    created = Sys.time(),
    relay = NULL,
    is_logged = FALSE,
    fetched = NULL,
    verdict = "pending"
  )
  newest <<- newest + 1
  sessions[[id]] <- by_age[[as.character(newest)]] <- list2env(session, parent = emptyenv())
}

remove_old_sessions <- function() {
  while (oldest <= newest) {
    session <- by_age[[as.character(oldest)]]
    if (Sys.time() - session$created <= as.difftime(seconds_kept, units = "secs")) {
      break
    }
    rm(list = session$id, envir = sessions)
    rm(list = as.character(oldest), envir = by_age)
    oldest <<- oldest + 1
    count_check(session$user, by = -1)
    if (!is.null(session$relay)) {
      session$relay$close()
    }
  }
}

# NULL both for an unknown ID and for that of another user, so that clients cannot distinguish them.
session_of <- function(id, user) {
  if (!grepl("^[0-9a-f-]{36}$", id, useBytes = TRUE)) {
    return(NULL)
  }
  session <- sessions[[id]]
  if (identical(session$user, user)) session
}

# NULL: unknown, try again. A session that the service has deleted is a fail. A status that this code does not know is
# pending, and only SUCCEEDED without an error can pass.
verdict_of <- function(result) {
  if (identical(result$error_code, "SessionNotFoundException")) {
    return("fail")
  }
  if (!is.na(result$error_code) || is.na(result$status)) {
    return(NULL)
  }
  switch(
    result$status,
    SUCCEEDED = if (isTRUE(result$confidence >= threshold)) "pass" else "fail",
    FAILED = ,
    EXPIRED = "fail",
    "pending"
  )
}

refuse <- function(res, status, error) {
  res$status <- status
  list(error = error)
}

# The class of the error and the service's request ID, but not the message, which could quote a response.
log_error <- function(error) {
  message("liveness: ", class(error)[1], ", request ", c(error$request_id, "unknown")[1])
}

unavailable <- function(res, error) {
  log_error(error)
  res$setHeader("Retry-After", "1")
  refuse(res, 503, "The check is not available right now. Please try again.")
}

# Whether our page sent the request. A form on another site cannot set this header, and a script there could do so only
# after a CORS preflight, which no route allows. Browsers also send the origin of a request.
is_from_page <- function(req) {
  identical(req$HTTP_X_REQUESTED_WITH, "fetch") && all(req$HTTP_SEC_FETCH_SITE == "same-origin")
}

# Whether the name can be used as a key: a header can contain anything.
is_user_name <- function(x) {
  is.character(x) && length(x) == 1 && !is.na(x) && nchar(x, "bytes") %in% 1:1000 && validUTF8(x)
}

#* @filter user
function(req, res) {
  if (req$REQUEST_METHOD != "GET" && !is_from_page(req)) {
    return(refuse(res, 403, "Requests must come from the page."))
  }
  req$user <- current_user(req)
  if (!is_user_name(req$user)) {
    return(refuse(res, 401, "Log in first."))
  }
  plumber::forward()
}

# The files of the page, by their paths. A reverse proxy, which you need for HTTPS, can compress and cache them.
read_file <- function(path) {
  type <- switch(
    tools::file_ext(path),
    html = "text/html; charset=UTF-8",
    js = "text/javascript; charset=UTF-8",
    css = "text/css; charset=UTF-8",
    json = "application/json",
    txt = "text/plain; charset=UTF-8",
    "application/octet-stream"
  )
  list(type = type, bytes = readBin(path, "raw", file.size(path)))
}
camera <- list.files(rekognition::liveness_page(), full.names = TRUE)
files <- lapply(
  c(
    `/` = "index.html",
    `/check.js` = "check.js",
    `/check.css` = "check.css",
    stats::setNames(camera, paste0("/liveness/", basename(camera)))
  ),
  read_file
)

#* The page.
#* @get /
#* @get /check.js
#* @get /check.css
#* @get /liveness/<file>
function(req, res) {
  file <- files[[req$PATH_INFO]]
  if (is.null(file)) {
    return(refuse(res, 404, "File not found."))
  }
  res$setHeader("Content-Type", file$type)
  res$body <- file$bytes
  res
}

# What the page needs to stream the video of a session: a ticket, or a promise of one.
ticket_of <- function(session) {
  if (nzchar(role_arn)) {
    return(rekognition::liveness_direct(svc, session$id, role_arn))
  }
  session$relay <- rekognition::liveness_relay(svc, session$id)
  session$relay$ticket()
}

#* Starts a check. Returns the ID of its session and a ticket, for the camera of the page.
#* @post /sessions
function(req, res) {
  remove_old_sessions()
  user <- req$user
  if (checks_of(user) >= checks_per_user) {
    res$setHeader("Retry-After", as.character(seconds_kept))
    return(refuse(res, 429, "Too many checks. Try again later."))
  }
  if (newest - oldest + 1 >= most_sessions) {
    return(refuse(res, 503, "The check is not available right now. Please try again."))
  }
  count_check(user, by = 1)
  start <- function(created) {
    id <- created$SessionId
    session <- store_session(id, user)
    respond <- function(ticket) {
      res$status <- 201
      res$setHeader("Location", paste0("/sessions/", id))
      list(SessionId = id, ticket = ticket)
    }
    promises::then(promises::promise_resolve(ticket_of(session)), respond, function(error) {
      unavailable(res, error)
    })
  }
  fail <- function(error) {
    count_check(user, by = -1)
    unavailable(res, error)
  }
  # A promise: R serves other requests while this one waits for the service.
  promises::then(rekognition::rekognition_promise(svc$create_face_liveness_session), start, fail)
}

#* Takes frames of the video, and returns what the service sends to the page. The body is not parsed.
#* @post /sessions/<id>/relay
#* @parser octet
function(req, res) {
  session <- session_of(req$argsPath$id, req$user)
  relay <- session$relay
  if (is.null(relay)) {
    return(refuse(res, 404, "Session not found."))
  }
  res$body <- relay$exchange(req$bodyRaw)
  if (relay$state() == "failed" && !session$is_logged) {
    session$is_logged <- TRUE
    log_error(relay$error())
  }
  res$setHeader("Content-Type", "application/json")
  res
}

#* The verdict of a check: pending, pass or fail.
#* @get /sessions/<id>
function(req, res) {
  id <- req$argsPath$id
  session <- session_of(id, req$user)
  if (is.null(session)) {
    return(refuse(res, 404, "Session not found."))
  }
  # At most one request a second to the service.
  is_recent <- !is.null(session$fetched) && Sys.time() - session$fetched < as.difftime(1, units = "secs")
  if (session$verdict != "pending" || is_recent) {
    return(list(verdict = session$verdict))
  }
  session$fetched <- Sys.time()
  respond <- function(result) {
    # A verdict is final, even if an older response arrives after a newer one.
    if (session$verdict == "pending") {
      verdict <- verdict_of(result)
      if (is.null(verdict)) {
        return(unavailable(res, result$error[[1]]))
      }
      session$verdict <- verdict
    }
    list(verdict = session$verdict)
  }
  promises::then(rekognition::liveness_promise(id, svc, images = "drop"), respond)
}

# plumber fails on NUL and on bytes that are not text. Only cookies with them are removed.
valid_cookies <- function(cookies) {
  cookies <- strsplit(c(cookies, "")[1], ";", fixed = TRUE, useBytes = TRUE)[[1]]
  is_invalid <- grepl("[^ -~]|%00|%(?![0-9A-Fa-f]{2})", cookies, perl = TRUE, useBytes = TRUE)
  paste(cookies[!is_invalid], collapse = ";")
}

# Whether the request may have a body: frames, for a session that has a relay.
takes_frames <- function(req) {
  path <- req$PATH_INFO
  is_relay <- req$REQUEST_METHOD == "POST" && grepl("^/sessions/[0-9a-f-]{36}/relay$", path, useBytes = TRUE)
  is_short <- is.null(req$HTTP_TRANSFER_ENCODING) && isTRUE(as.numeric(req$CONTENT_LENGTH) <= most_bytes)
  is_relay && is_short && !is.null(sessions[[substr(path, 11, 46)]]$relay)
}

# Called before the body is read. The routes above use only GET and POST; add the methods of your routes.
refuse_early <- function(req) {
  has_body <- !is.null(req$HTTP_TRANSFER_ENCODING) || !all(req$CONTENT_LENGTH == "0")
  status <- if (has_body && !takes_frames(req)) {
    413L
  } else if (!req$REQUEST_METHOD %in% c("GET", "POST") || !is.null(req$HTTP_UPGRADE)) {
    # httpuv accepts every WebSocket.
    405L
  }
  if (!is.null(status)) {
    list(status = status, headers = c(response_headers, Allow = "GET, POST"), body = "")
  }
}

#* @plumber
function(pr) {
  # plumber's own responses at this point lack our headers, and there is no option to add them.
  unlockBinding("onHeaders", pr)
  pr$onHeaders <- refuse_early
  # First, before any other code reads the request. No route has a query.
  pr$registerHook("preroute", function(req, res) {
    res$headers <- response_headers
    req$HTTP_COOKIE <- valid_cookies(req$HTTP_COOKIE)
    req$QUERY_STRING <- ""
    # The only bodies are frames, whatever a client calls them.
    req$HTTP_CONTENT_TYPE <- "application/octet-stream"
  })
  pr$registerHooks(plumber::session_cookie(
    plumber::random_cookie_key(),
    "liveness",
    # The camera requires HTTPS anyway, and browsers accept a secure cookie from localhost without it.
    secure = TRUE,
    same_site = "Strict"
  ))
  pr$setSerializer(plumber::serializer_unboxed_json())
  pr$setDocs(FALSE)
  pr$setErrorHandler(function(req, res, error) {
    message("liveness: ", class(error)[1])
    refuse(res, 500, "Internal error.")
  })
}
