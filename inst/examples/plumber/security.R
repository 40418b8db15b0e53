# Checks of requests, and the headers of every response.

# REPLACE this with your login. It returns the ID of the authenticated user, or NULL if there is none: for example
# `req$HTTP_X_FORWARDED_USER` behind a reverse proxy that sets this header and removes any that a client sent, including
# X_Forwarded_User, which has the same name here. nginx removes it. Only the proxy may be able to reach this process: every
# other client could claim to be any user. In this example, each browser without a cookie is a new user, with a random name
# in a cookie that scripts cannot read and only this server can create. The limit on failed checks is only as good as this
# function.
current_user <- function(req) {
  if (is.null(req$session$user)) {
    req$session <- list(user = sodium::bin2hex(sodium::random(16)))
  }
  req$session$user
}

# The name as it is stored and compared, or NULL if it cannot be: a header can contain anything. It is UTF-8 in every locale.
user_name <- function(x) {
  if (is.character(x) && length(x) == 1 && !is.na(x) && nchar(x, "bytes") %in% 1:1000 && validUTF8(x)) {
    `Encoding<-`(x, "UTF-8")
  }
}

# The largest body that is accepted. The page sends at most 0.5 MB at once. The reverse proxy should limit bodies and
# connections, too: a body is read before its user is known.
most_bytes <- 1e6

# The origin that the page streams to in direct mode. The ticket has no valid session. It makes a role that cannot be assumed
# an error at the start, not in the first check.
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

# Whether our page sent the request. A form on another site cannot set this header, and a script there could do so only
# after a CORS preflight, which no route allows. Browsers also send the origin of a request.
is_from_page <- function(req) {
  identical(req$HTTP_X_REQUESTED_WITH, "fetch") && all(req$HTTP_SEC_FETCH_SITE == "same-origin")
}

# plumber fails on NUL and on bytes that are not text. Only cookies with them are removed.
valid_cookies <- function(cookies) {
  cookies <- strsplit(c(cookies, "")[1], ";", fixed = TRUE, useBytes = TRUE)[[1]]
  is_invalid <- grepl("[^ -~]|%00|%(?![0-9A-Fa-f]{2})", cookies, perl = TRUE, useBytes = TRUE)
  paste(cookies[!is_invalid], collapse = ";")
}

# Whether the request may have a body: frames, for a session that has a relay in this process.
takes_frames <- function(req) {
  path <- req$PATH_INFO
  pattern <- "^/sessions/[0-9a-f-]{36}/relay/[0-9]{1,4}$"
  is_relay <- req$REQUEST_METHOD == "POST" && grepl(pattern, path, useBytes = TRUE)
  is_short <- is.null(req$HTTP_TRANSFER_ENCODING) && isTRUE(as.numeric(req$CONTENT_LENGTH) <= most_bytes)
  is_relay && is_short && !is.null(checks[[substr(path, 11, 46)]]$relay)
}

# Called before the body is read. The routes use only GET and POST; add the methods of your routes.
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

# Applies all of this to a plumber router.
protect_routes <- function(pr) {
  # plumber's own responses at this point lack our headers, and there is no option to add them.
  unlockBinding("onHeaders", pr)
  pr$onHeaders <- refuse_early
  # First, before any other code reads the request. No route has a query.
  pr$registerHook("preroute", function(req, res) {
    res$headers <- response_headers
    req$HTTP_COOKIE <- valid_cookies(req$HTTP_COOKIE)
    req$QUERY_STRING <- ""
    # All bodies are frames, whatever type a client sends.
    req$HTTP_CONTENT_TYPE <- "application/octet-stream"
  })
  pr$registerHooks(plumber::session_cookie(
    cookie_key,
    "liveness",
    # The camera requires HTTPS anyway, and browsers accept a secure cookie from localhost without it.
    secure = TRUE,
    same_site = "Strict"
  ))
}
