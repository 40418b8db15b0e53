# A back end for Face Liveness checks. The page requests a session, streams the video of the person's camera, and
# requests the verdict. Start it in this folder, next to the folder "database", with
#
#   LIVENESS_THRESHOLD=95 Rscript -e 'plumber::pr_run(plumber::pr("plumber.R"), port = 8000)'
#
# and open http://127.0.0.1:8000. start.R starts several processes behind nginx. vignette("backend") explains this example.
#
# LIVENESS_THRESHOLD   the lowest confidence that passes, above 0 and up to 100. Required, because the right threshold
#                      depends on what is at stake. AWS's AI Service Card for Face Liveness gives starting points:
#                      https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html
# LIVENESS_REVIEW      the lowest confidence that is reviewed instead of failed.
# LIVENESS_REASON      why these thresholds were chosen. It is recorded with each verdict.
# LIVENESS_DATABASE    a path, by default liveness.sqlite, or postgresql://user:password@host:port/name.
# LIVENESS_ON_AWS      true: use Amazon Rekognition, with the region and credentials of the usual AWS sources. By default
#                      the emulator is used: it does not analyze the video, and makes up the outcome.
# LIVENESS_ROLE_ARN    a role whose keys the page gets, to stream to AWS itself: see ?liveness_direct. By default the video
#                      goes through this process, and the page gets no key.
# LIVENESS_AUDIT_IMAGES  the number of audit images to request, by default 0.
# LIVENESS_BUCKET      an S3 bucket in which the service stores the images of a check. By default, they are stored in the
#                      database.
# LIVENESS_ATTEMPTS    the number of checks (5) that a user can start in three minutes without passing.
# LIVENESS_PAUSE       the minutes (30) that the user then has to wait.
# LIVENESS_KEEP_DAYS   the number of days (30) after which sessions are deleted. Inf: never.
# LIVENESS_PROCESS     with several processes: the number of this process.
# LIVENESS_COOKIE_KEY  with several processes: the key of the cookies, the same for all.
#
# The browser receives only pending, pass, review or fail. The confidence is neither sent nor logged: it would tell an
# attacker which forgery came closest.

source("../database/database.R", local = TRUE, chdir = TRUE)
source("settings.R", local = TRUE)
source("log.R", local = TRUE)

# Short limits, because a person is waiting and can try again.
limits <- list(max_retries = 0, connect_timeout = 2, operation_timeout = 5)
if (!on_aws) {
  message("Running on the emulator: the outcome of a complete check is made up.")
  emulator <- rekognition::rekognition_emulator(check_after = Inf)
}
svc <- rekognition::rekognition(config = c(if (!on_aws) emulator$config, limits))
# A ticket contains the region of its client. No request is sent.
region <- rekognition::liveness_relay(svc, "none")$ticket()$region

db <- open_database()
source("checks.R", local = TRUE)
source("security.R", local = TRUE)
source("housekeeping.R", local = TRUE)

refuse <- function(res, status, error) {
  res$status <- status
  list(error = error)
}

unavailable <- function(res, error) {
  log_error(error)
  res$setHeader("Retry-After", "1")
  refuse(res, 503, "The check is not available right now. Please try again.")
}

# The value of `work`, or a 503 after an error of the service or the database. The callbacks of promises are wrapped one by
# one: promises::catch() would take another turn of the event loop, which is slow under load.
or_unavailable <- function(res, work) {
  tryCatch(work(), error = function(error) unavailable(res, error))
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

#* Whether this process can serve checks, for the reverse proxy and the monitoring.
#* @preempt user
#* @get /health
function(req, res) {
  is_well <- tryCatch(
    nrow(query_database(db, "SELECT version FROM schema_version")) == 1,
    error = function(error) FALSE
  )
  if (!is_well) {
    res$status <- 503
  }
  list(status = if (is_well) "ok" else "no database", process = process_name, checks = length(checks))
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

#* Starts a check. Returns the ID of its session, a ticket for the camera of the page, and where to send the frames.
#* @post /sessions
function(req, res) {
  remove_old_checks()
  if (newest - oldest + 1 >= most_checks) {
    return(refuse(res, 503, "The check is not available right now. Please try again."))
  }
  user <- req$user
  token <- sodium::bin2hex(sodium::random(16))
  or_unavailable(res, function() {
    seconds <- start_attempt(db, token, user, attempt_limit)
    if (seconds > 0) {
      log_event("check refused", user = hashed_user(user), level = "warning")
      res$setHeader("Retry-After", as.character(seconds))
      return(refuse(res, 429, "Too many checks. Please try again later."))
    }
    start <- function(created) {
      id <- created$SessionId
      add_session(db, id, user, region, token)
      log_event("check started", session = id, user = hashed_user(user))
      respond <- function(ticket) {
        res$status <- 201
        res$setHeader("Location", paste0("/sessions/", id))
        list(SessionId = id, ticket = ticket, relay = paste0("/sessions/", id, "/relay/", process_name))
      }
      ticket <- ticket_of(id, user)
      if (promises::is.promise(ticket)) {
        promises::then(ticket, respond, function(error) unavailable(res, error))
      } else {
        respond(ticket)
      }
    }
    fail <- function(error) {
      cancel_attempt(db, token)
      unavailable(res, error)
    }
    # A promise: R serves other requests while this one waits for the service.
    promises::then(
      create_session(token),
      function(created) or_unavailable(res, function() start(created)),
      function(error) or_unavailable(res, function() fail(error))
    )
  })
}

#* Takes frames of the video, and returns what the service sends to the page. The body is not parsed.
#* @post /sessions/<id>/relay/<process>
#* @parser octet
function(req, res) {
  id <- req$argsPath$id
  relay <- relay_of(id, req$user)
  if (is.null(relay) || !identical(req$argsPath$process, process_name)) {
    return(refuse(res, 404, "Session not found."))
  }
  res$body <- relay$exchange(req$bodyRaw)
  check <- checks[[id]]
  if (relay$state() == "failed" && !check$is_logged) {
    check$is_logged <- TRUE
    log_error(relay$error(), session = id)
  }
  res$setHeader("Content-Type", "application/json")
  res
}

#* The verdict of a check: pending, pass, review or fail.
#* @get /sessions/<id>
function(req, res) {
  id <- req$argsPath$id
  or_unavailable(res, function() {
    session <- session_of(id, req$user)
    if (is.null(session)) {
      return(refuse(res, 404, "Session not found."))
    }
    if (!is.na(session$verdict)) {
      return(list(verdict = session$verdict))
    }
    if (!may_ask(id, req$user)) {
      return(list(verdict = "pending"))
    }
    respond <- function(result) {
      verdict <- settle_check(id, result)
      if (is.null(verdict)) unavailable(res, result$error[[1]]) else list(verdict = verdict)
    }
    promises::then(
      rekognition::liveness_promise(id, svc),
      function(result) or_unavailable(res, function() respond(result)),
      function(error) unavailable(res, error)
    )
  })
}

#* @plumber
function(pr) {
  protect_routes(pr)
  pr$setSerializer(plumber::serializer_unboxed_json())
  pr$setDocs(FALSE)
  pr$setErrorHandler(function(req, res, error) {
    log_error(error)
    refuse(res, 500, "Internal error.")
  })
  start_housekeeping()
  log_event("started", pid = Sys.getpid())
}
