# A back end for Face Liveness checks. The page requests a session, streams the video of the person's camera, and
# requests the verdict. Start it in this folder, next to the folder "database", with
#
#   LIVENESS_THRESHOLD=95 Rscript -e 'plumber::pr_run(plumber::pr("plumber.R"), port = 8000)'
#
# and open http://127.0.0.1:8000. start.R starts several processes behind nginx. vignette("backend") explains this example.
#
# LIVENESS_THRESHOLD   the lowest confidence that passes, from 1 to 100. Required, because the right threshold
#                      depends on what is at stake. AWS's AI Service Card for Face Liveness gives starting points:
#                      https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html
# LIVENESS_REVIEW      the lowest confidence that is reviewed instead of failed.
# LIVENESS_REASON      why these thresholds were chosen. It is recorded with each verdict.
# LIVENESS_DATABASE    a path, by default liveness.sqlite, or postgresql://user:password@host:port/name.
# LIVENESS_ON_AWS      true: use Amazon Rekognition, with the region and credentials of the usual AWS sources. By default
#                      the emulator is used: it does not analyze the video, and makes up the outcome.
# LIVENESS_ROLE_ARN    a role whose keys the page gets, to stream to AWS itself: see ?liveness_direct. By default the video
#                      goes through this process, and the page gets no key.
# LIVENESS_AUDIT_IMAGES, LIVENESS_BUCKET   how many audit images to request, by default none; and an S3 bucket in which the
#                      service is to store the images of a check. By default they are stored in the database.
# LIVENESS_ATTEMPTS, LIVENESS_PAUSE   a user who has started that many checks (5) in three minutes and passed none has to
#                      wait that many minutes (30).
# LIVENESS_KEEP_DAYS   after how many days (30, at least 1) sessions are deleted. Inf: never.
# LIVENESS_PROCESS, LIVENESS_COOKIE_KEY   for several processes: a number for each, and a common key.
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
# Without a region or credentials this is an error now, not in the first check. The service need not respond yet.
no_session <- rekognition::liveness_results("00000000-0000-0000-0000-000000000000", svc, progress = FALSE)
region <- no_session$region
if (no_session$error_code != "SessionNotFoundException") {
  log_error(no_session$error[[1]])
}

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
  req$user <- user_name(current_user(req))
  if (is.null(req$user)) {
    return(refuse(res, 401, "Log in first."))
  }
  plumber::forward()
}

#* Whether this process can serve checks, for the reverse proxy and the monitoring. It writes: a database that is full or
#* locked can be read.
#* @preempt user
#* @get /health
function(req, res) {
  check <- function() {
    take_lease(db, "health", process_id, 0)
    TRUE
  }
  is_well <- tryCatch(check(), error = function(error) {
    log_error(error)
    FALSE
  })
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
  if (length(checks) >= most_checks) {
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
    # The user has no check, so this was no attempt. What cannot be canceled counts for half a minute.
    fail <- function(error) {
      tryCatch(cancel_attempt(db, token), error = log_error)
      unavailable(res, error)
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
        promises::then(ticket, respond, fail)
      } else {
        respond(ticket)
      }
    }
    # A promise: R serves other requests while this one waits for the service.
    promises::then(
      create_session(token),
      function(created) tryCatch(start(created), error = fail),
      fail
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
    # In this region, the service would respond that there is no such session, which is a fail.
    if (session$region != region) {
      return(unavailable(res, errorCondition("The session is in another region.", class = "other_region")))
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
