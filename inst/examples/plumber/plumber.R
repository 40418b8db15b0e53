# A back end for Face Liveness checks. A page asks for a session, the person looks into the camera, and the page asks
# whether the check was passed. Start it in this folder with
#
#   LIVENESS_THRESHOLD=95 Rscript -e 'plumber::pr_run(plumber::pr("plumber.R"), port = 8000)'
#
# and open http://127.0.0.1:8000.
#
# LIVENESS_THRESHOLD  the confidence from which on a check is passed, above 0 and up to 100. There is no default: AWS
#                     gives none, since it depends on what is at stake. It does not start without it.
# LIVENESS_ON_AWS     true: Amazon Rekognition, with region and credentials from where AWS tools find them. Otherwise
#                     the emulator, where nobody looks into a camera and checks end by themselves after 3 seconds.
#
# The browser learns pass or fail and nothing else. The confidence stays here, also out of the log: who knows how
# close a forgery came can make a better one.

# REPLACE this by your log-in. It returns the name of the user who asks, as your authentication knows it, or NULL
# if nobody is logged in: `req$HTTP_X_FORWARDED_USER`, say, behind a reverse proxy that sets this header and removes
# what came from outside. Here whoever comes without a cookie is somebody new, by a random name in a cookie that
# scripts cannot read and only this server can make.
current_user <- function(req) {
  if (is.null(req$session$user)) {
    req$session <- list(user = sodium::bin2hex(sodium::random(16)))
  }
  req$session$user
}

# A check costs money, and nobody should try until a forgery passes. The limit is worth as much as current_user().
checks_per_user <- 5
seconds_kept <- 600
most_sessions <- 10000

threshold <- suppressWarnings(as.numeric(Sys.getenv("LIVENESS_THRESHOLD")))
if (is.na(threshold) || threshold <= 0 || threshold > 100) {
  stop("Set LIVENESS_THRESHOLD to the confidence from which on a check is passed: above 0, up to 100.")
}

# Nobody waits long: the page asks again by itself, and R answers nothing else while a session is created.
limits <- list(max_retries = 0, connect_timeout = 2, operation_timeout = 5)
svc <- switch(
  tolower(Sys.getenv("LIVENESS_ON_AWS", "false")),
  true = rekognition::rekognition(config = limits),
  false = {
    message("This is the emulator: nobody is checked.")
    emulator <- rekognition::rekognition_emulator(check_after = 1, check_takes = 2)
    rekognition::rekognition(config = c(emulator$config, limits))
  },
  stop("LIVENESS_ON_AWS must be true or false.")
)

# By session id, environments of `user`, `created`, `asked` and `verdict`. They are of this process: with several
# processes keep them in a database, and give `session_cookie()` below a key that all of them have.
sessions <- new.env()

forget_old_sessions <- function() {
  is_old <- function(id) Sys.time() - sessions[[id]]$created > as.difftime(seconds_kept, units = "secs")
  rm(list = Filter(is_old, ls(sessions)), envir = sessions)
}

# NULL for an id that is unknown and for one that is another user's: nobody can tell them apart.
session_of <- function(id, user) {
  if (!grepl("^[0-9a-f-]{36}$", id, useBytes = TRUE)) {
    return(NULL)
  }
  session <- sessions[[id]]
  if (identical(session$user, user)) session
}

# A status that is new to us is waited for, and nothing but SUCCEEDED can pass.
verdict_of <- function(result) {
  if (identical(result$error_code, "SessionNotFoundException")) {
    return("fail")
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

#* @filter user
function(req, res) {
  res$setHeader("Cache-Control", "no-store")
  req$user <- current_user(req)
  if (is.null(req$user)) {
    return(refuse(res, 401, "Please log in."))
  }
  plumber::forward()
}

#* The page.
#* @get /
#* @serializer html
function() {
  paste(page, collapse = "\n")
}
page <- readLines("index.html", encoding = "UTF-8")

#* Starts a check: the id of a session, for the page's camera.
#* @post /sessions
function(req, res) {
  forget_old_sessions()
  checks <- sum(vapply(ls(sessions), function(id) identical(sessions[[id]]$user, req$user), NA))
  if (checks >= checks_per_user) {
    res$setHeader("Retry-After", as.character(seconds_kept))
    return(refuse(res, 429, "Too many checks. Please come back later."))
  }
  if (length(sessions) >= most_sessions) {
    return(refuse(res, 503, "The check is not available at the moment."))
  }
  id <- tryCatch(svc$create_face_liveness_session()$SessionId, rekognition_error = identity)
  if (inherits(id, "rekognition_error")) {
    return(unavailable(res, id))
  }
  sessions[[id]] <- list2env(
    list(user = req$user, created = Sys.time(), asked = NULL, verdict = "pending"),
    parent = emptyenv()
  )
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
    verdict <- verdict_of(result)
    if (is.na(result$status) && verdict == "pending") {
      return(unavailable(res, result$error[[1]]))
    }
    # What is final stays, also if an answer was overtaken on its way.
    if (session$verdict == "pending") {
      session$verdict <- verdict
    }
    list(verdict = session$verdict)
  }
  # Others are answered while the service is asked.
  promises::then(rekognition::liveness_promise(id, svc, images = "drop"), answer)
}

#* @plumber
function(pr) {
  # No request has a body, so none is read.
  options(plumber.maxRequestSize = 1)
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
