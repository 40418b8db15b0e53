# A back end for Face Liveness checks. A page asks for a session, the person looks into the camera, and the page asks
# whether the check was passed. Start it in this folder with
#
#   LIVENESS_THRESHOLD=95 Rscript -e 'plumber::pr_run(plumber::pr("plumber.R"), port = 8000)'
#
# and open http://127.0.0.1:8000.
#
# LIVENESS_THRESHOLD  the lowest confidence that passes, above 0 and up to 100. It is required: the right threshold
#                     depends on what is at stake. AWS's AI Service Card for Face Liveness gives starting points:
#                     https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html
# LIVENESS_ON_AWS     true: Amazon Rekognition, with region and credentials from where AWS tools find them. Otherwise
#                     the emulator, where there is no camera and checks end by themselves after 3 seconds.
#
# The browser learns pass or fail and nothing else. The confidence stays here and is not logged: it would tell an
# attacker which forgery came closest.

# REPLACE this by your log-in. It returns the name of the user as your authentication knows it, or NULL without a
# log-in: `req$HTTP_X_FORWARDED_USER`, say, behind a reverse proxy that sets this header and removes any that a client
# sent. Here each browser without a cookie is a new user, by a random name in a cookie that scripts cannot read and
# only this server can make.
current_user <- function(req) {
  if (is.null(req$session$user)) {
    req$session <- list(user = sodium::bin2hex(sodium::random(16)))
  }
  req$session$user
}

# Each check costs money, and each is a chance for a forgery. The limit is only as good as current_user().
checks_per_user <- 5
seconds_kept <- 600
most_sessions <- 10000

# Every response has these. Add to the policy what your camera loads from elsewhere: the detector of Amplify connects
# to AWS, and fetches its model.
response_headers <- list(
  `Cache-Control` = "no-store",
  `Content-Security-Policy` = paste(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;",
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
  ),
  `X-Frame-Options` = "DENY",
  `X-Content-Type-Options` = "nosniff",
  `Referrer-Policy` = "no-referrer"
)

threshold <- suppressWarnings(as.numeric(Sys.getenv("LIVENESS_THRESHOLD")))
if (is.na(threshold) || threshold <= 0 || threshold > 100) {
  stop("Set LIVENESS_THRESHOLD to the lowest confidence that passes: above 0, up to 100.")
}
on_aws <- as.logical(Sys.getenv("LIVENESS_ON_AWS", "false"))
if (is.na(on_aws)) {
  stop("LIVENESS_ON_AWS must be true or false.")
}

# The page asks again by itself, and R serves no other request while a session is created: waits are short.
limits <- list(max_retries = 0, connect_timeout = 2, operation_timeout = 5)
if (!on_aws) {
  message("This is the emulator: no person is checked.")
  emulator <- rekognition::rekognition_emulator(check_after = 1, check_takes = 2)
}
svc <- rekognition::rekognition(config = c(if (!on_aws) emulator$config, limits))

# Environments of `id`, `user`, `created`, `asked` and `verdict`: by session id, and in order of creation by the
# numbers from `oldest` to `newest`, so that no request has to search. They belong to this process: with several
# processes keep them in a database, and give `session_cookie()` below a key that all of them have.
sessions <- new.env()
by_age <- new.env()
oldest <- 1
newest <- 0
# How many of them each user has.
checks <- new.env()

checks_of <- function(user) {
  if (is.null(checks[[user]])) 0 else checks[[user]]
}

remember <- function(id, user) {
  session <- list(id = id, user = user, created = Sys.time(), asked = NULL, verdict = "pending")
  newest <<- newest + 1
  sessions[[id]] <- by_age[[as.character(newest)]] <- list2env(session, parent = emptyenv())
  checks[[user]] <- checks_of(user) + 1
}

forget_old_sessions <- function() {
  while (oldest <= newest) {
    session <- by_age[[as.character(oldest)]]
    if (Sys.time() - session$created <= as.difftime(seconds_kept, units = "secs")) {
      break
    }
    rm(list = session$id, envir = sessions)
    rm(list = as.character(oldest), envir = by_age)
    oldest <<- oldest + 1
    checks[[session$user]] <- checks_of(session$user) - 1
    if (checks_of(session$user) == 0) {
      rm(list = session$user, envir = checks)
    }
  }
}

# NULL for an unknown id and for another user's alike, so that the two cannot be told apart.
session_of <- function(id, user) {
  if (!grepl("^[0-9a-f-]{36}$", id, useBytes = TRUE)) {
    return(NULL)
  }
  session <- sessions[[id]]
  if (identical(session$user, user)) session
}

# NULL: not known, ask again. A session that the service has deleted was not passed. A status that is new to us is
# pending, and nothing but SUCCEEDED without an error can pass.
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

# The log gets the kind of the failure and the service's request id. The message could quote an answer.
unavailable <- function(res, error) {
  message("liveness: ", class(error)[1], ", request ", c(error$request_id, "unknown")[1])
  res$setHeader("Retry-After", "1")
  refuse(res, 503, "The check is not available at the moment.")
}

# Whether our page sent it. A form on another site cannot set such a header, and its script could only after asking us
# (CORS), which no route allows. Browsers also say where a request comes from.
is_from_page <- function(req) {
  identical(req$HTTP_X_REQUESTED_WITH, "fetch") && all(req$HTTP_SEC_FETCH_SITE == "same-origin")
}

# A name that can be counted with: headers may hold anything.
is_user <- function(x) {
  is.character(x) && length(x) == 1 && !is.na(x) && nchar(x, "bytes") %in% 1:1000 && validUTF8(x)
}

#* @filter user
function(req, res) {
  if (req$REQUEST_METHOD != "GET" && !is_from_page(req)) {
    return(refuse(res, 403, "This request must come from the page."))
  }
  req$user <- current_user(req)
  if (!is_user(req$user)) {
    return(refuse(res, 401, "Please log in."))
  }
  plumber::forward()
}

read_page <- function(file) {
  paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
}
page <- read_page("index.html")
script <- read_page("check.js")
style <- read_page("check.css")

#* The page.
#* @get /
#* @serializer html
function() {
  page
}

#* @get /check.js
#* @serializer contentType list(type = "text/javascript; charset=UTF-8")
function() {
  script
}

#* @get /check.css
#* @serializer contentType list(type = "text/css; charset=UTF-8")
function() {
  style
}

#* Starts a check: the id of a session, for the page's camera.
#* @post /sessions
function(req, res) {
  forget_old_sessions()
  if (checks_of(req$user) >= checks_per_user) {
    res$setHeader("Retry-After", as.character(seconds_kept))
    return(refuse(res, 429, "Too many checks. Please come back later."))
  }
  if (newest - oldest + 1 >= most_sessions) {
    return(refuse(res, 503, "The check is not available at the moment."))
  }
  id <- tryCatch(svc$create_face_liveness_session()$SessionId, rekognition_error = identity)
  if (inherits(id, "rekognition_error")) {
    return(unavailable(res, id))
  }
  remember(id, req$user)
  res$status <- 201
  res$setHeader("Location", paste0("/sessions/", id))
  list(SessionId = id)
}

#* How a check went: pending, pass or fail.
#* @get /sessions/<id>
function(req, res) {
  id <- req$argsPath$id
  session <- session_of(id, req$user)
  if (is.null(session)) {
    return(refuse(res, 404, "There is no such session."))
  }
  # The service is asked once a second at most, however often we are.
  asked_now <- !is.null(session$asked) && Sys.time() - session$asked < as.difftime(1, units = "secs")
  if (session$verdict != "pending" || asked_now) {
    return(list(verdict = session$verdict))
  }
  session$asked <- Sys.time()
  answer <- function(result) {
    # What is final stays, also if an answer was overtaken on its way.
    if (session$verdict == "pending") {
      verdict <- verdict_of(result)
      if (is.null(verdict)) {
        return(unavailable(res, result$error[[1]]))
      }
      session$verdict <- verdict
    }
    list(verdict = session$verdict)
  }
  # Others are answered while the service is asked.
  promises::then(rekognition::liveness_promise(id, svc, images = "drop"), answer)
}

# plumber fails on a NUL and on bytes that are not text: cookies with them are dropped, and the others stay.
readable_cookies <- function(cookies) {
  cookies <- strsplit(c(cookies, "")[1], ";", fixed = TRUE, useBytes = TRUE)[[1]]
  is_odd <- grepl("[^ -~]|%00|%(?![0-9A-Fa-f]{2})", cookies, perl = TRUE, useBytes = TRUE)
  paste(cookies[!is_odd], collapse = ";")
}

# Called with the headers alone. No request needs a body, so none is read. GET and POST are all the methods that the
# routes above have: add those of yours.
refuse_early <- function(req) {
  has_body <- !is.null(req$HTTP_TRANSFER_ENCODING) || !all(req$CONTENT_LENGTH == "0")
  status <- if (has_body) {
    413L
  } else if (!req$REQUEST_METHOD %in% c("GET", "POST")) {
    405L
  }
  if (!is.null(status)) {
    list(status = status, headers = c(response_headers, Allow = "GET, POST"), body = "")
  }
}

#* @plumber
function(pr) {
  # What plumber itself answers here lacks our headers, and it has no option for that.
  unlockBinding("onHeaders", pr)
  pr$onHeaders <- refuse_early
  # Before anything else looks at the request. No route has a query.
  pr$registerHook("preroute", function(req, res) {
    res$headers <- response_headers
    req$HTTP_COOKIE <- readable_cookies(req$HTTP_COOKIE)
    req$QUERY_STRING <- ""
  })
  pr$registerHooks(plumber::session_cookie(
    plumber::random_cookie_key(),
    "liveness",
    # The camera needs HTTPS anyway, and browsers take such a cookie from this machine without it.
    secure = TRUE,
    same_site = "Strict"
  ))
  pr$setSerializer(plumber::serializer_unboxed_json())
  pr$setDocs(FALSE)
  pr$setErrorHandler(function(req, res, error) {
    message("liveness: ", class(error)[1])
    refuse(res, 500, "Something went wrong.")
  })
}
