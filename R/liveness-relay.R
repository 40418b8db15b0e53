# The relay: the video of a check, from a page to the streaming service.

#' Carry the video of a check from a page to Amazon
#'
#' `liveness_relay()` carries one Face Liveness check through this process: the page in the browser sends the video here,
#' and the relay sends it on to the streaming service of Amazon Rekognition, with the credentials, region, clock, proxy, CA
#' bundle and time limits of the client. The page needs no AWS credentials and no other connection than the one to your
#' application. For Shiny there is a module that does all of it: [liveness_check_server()]. Use the relay itself in plumber
#' or another framework.
#'
#' The page's half of the check is in the folder [liveness_page()]. Give it the ticket, as JSON, and the URL of a route
#' that passes the body of each POST to `exchange()`:
#'
#' ```
#' #* @post /checks/<id>
#' #* @parser octet
#' function(req, res) {
#'   res$setHeader("Content-Type", "application/json")
#'   res$body <- relay_of(req)$exchange(req$bodyRaw)
#'   res
#' }
#' ```
#'
#' @section Tickets:
#' A ticket is for one session, for one check, and for 180 seconds. Its key is made up for it and means nothing to AWS.
#' The relay accepts only frames that the page has signed with it, in their order; it refuses a frame that was changed or
#' repeated, a ticket of another session and one that another page has used, and more than 10 MB of video. A page that
#' sends nothing for 30 seconds has gone: the relay then closes the connection to the service.
#'
#' @section Other frameworks:
#' Find the relay of a request by the login of its user, never only by an ID that the page sends. The example in
#' `system.file("examples/plumber", package = "rekognition")` does. `exchange()` returns at once and does not wait for the
#' service: requests that arrive while R is busy are processed later, and the check continues. The relay belongs to the
#' process that made it: where there are several, requests of a page must reach the same one, or use [liveness_direct()].
#'
#' The package keeps nothing of the video, and writes nothing of it to a log or a file. A web server may: httpuv, which
#' serves Shiny and plumber, passes the body of each request through a temporary file that it has already deleted. With a
#' temporary folder in memory, none of it reaches a disk.
#'
#' A relay cannot be saved: a copy from a file or in another process is closed.
#'
#' @param svc A client: see [rekognition()].
#' @param session_id String: ID of a session that the client has created.
#' @return An object of class `liveness_relay` with these functions:
#'
#' \describe{
#'   \item{`ticket()`}{List for the page: `mode`, `sessionId`, `region`, and `credentials` with the one-time key. Convert
#'     it to JSON with `jsonlite::toJSON(relay$ticket(), auto_unbox = TRUE)`.}
#'   \item{`exchange(body)`}{Takes a raw vector: the body of a POST of the page. Returns a string: the response, JSON.
#'     What a page sends never raises an error: the response says what is wrong with it.}
#'   \item{`state()`}{String: `"waiting"` (the page has not used the ticket), `"open"`, `"completed"` (the service has the
#'     whole video: fetch the result), `"closed"` (by the page or by `close()`, or because the page has gone) or
#'     `"failed"`.}
#'   \item{`error()`}{If the check has failed, the condition, as an operation of a client would raise it: see
#'     [rekognition_conditions]. A `rekognition_check_error` if the page sent something that is refused. Else `NULL`.}
#'   \item{`close()`}{Ends the check.}
#' }
#'
#' A completed check says nothing about its outcome: see [liveness_wait()]. Raises `rekognition_argument_error` for an
#' invalid argument.
#' @references
#' [StartFaceLivenessSession](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_rekognitionstreaming_StartFaceLivenessSession.html)
#' @seealso [liveness_check_server()] for Shiny, [liveness_direct()] to let the page stream to AWS itself
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' id <- svc$create_face_liveness_session()$SessionId
#'
#' relay <- liveness_relay(svc, id)
#' relay
#' names(relay$ticket())
#' # A page without the ticket is refused.
#' relay$exchange(charToRaw("{\"ticket\": \"another\", \"sequence\": 1}"))
#' relay$state()
#' relay$close()
#' emulator$stop()
liveness_relay <- function(svc, session_id) {
  call <- user_call(sys.call())
  if (missing(svc)) {
    stop_missing("svc", call)
  }
  check_client(svc, call)
  if (missing(session_id)) {
    stop_missing("session_id", call)
  }
  session_id <- check_string(session_id, "session_id", call)
  if (!nzchar(session_id)) {
    stop_argument("session_id", gettextf("`%s` must not be empty.", "session_id"), call)
  }
  handle <- handle_of(svc)
  level <- log_level(call)
  start <- function(client) relay_new(client, session_id, level)
  relay <- value_or_stop(start_on(handle, call, start), call)
  new_relay(relay, handle, call)
}

new_relay <- function(relay, handle, call) {
  ticket <- function() {
    ticket <- relay_ticket(relay)
    if (is.null(ticket)) {
      stop_plain(gettext("The relay belongs to another process."), user_call(sys.call()))
    }
    ticket
  }
  exchange <- function(body) {
    if (missing(body)) {
      stop_missing("body", user_call(sys.call()))
    }
    if (!is.raw(body)) {
      message <- gettextf("`%s` must be a raw vector, not %s.", "body", what_is(body))
      stop_argument("body", message, user_call(sys.call()))
    }
    response <- relay_exchange(relay, body)
    # A `creds` function that runs the event loop itself must not be called again.
    if (!isTRUE(handle$is_supplying_keys)) {
      supply_keys(handle, call)
    }
    write_log(relay_log(relay))
    if (is.null(response)) closed_response else value_or_stop(response, call)
  }
  progress <- function() {
    progress <- relay_state(relay)
    write_log(relay_log(relay))
    if (is.null(progress)) list(state = "closed") else value_or_stop(progress, call)
  }
  structure(
    list(
      ticket = ticket,
      exchange = exchange,
      state = function() progress()$state,
      error = function() {
        error <- progress()$error
        if (!is.null(error)) native_condition(error, call)
      },
      close = function() invisible(relay_close(relay))
    ),
    class = "liveness_relay"
  )
}

# What a page gets whose relay belongs to another process.
closed_response <- "{\"state\":\"closed\",\"frames\":[],\"code\":1011}"

#' @export
format.liveness_relay <- function(x, ...) {
  c(
    "<liveness_relay>",
    paste0("  state:     ", x$state()),
    paste0("  functions: ", paste0("$", names(x), "()", collapse = " "))
  )
}

#' @export
print.liveness_relay <- function(x, ...) {
  check_print_dots(list(...), character(), quote(print(...)))
  writeLines(format(x))
  invisible(x)
}

#' @export
str.liveness_relay <- function(object, ...) {
  cat("", paste0(format(object), "\n"))
  invisible()
}
