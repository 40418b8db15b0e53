# Direct mode of a check: the page gets temporary keys, and streams to the service itself.

#' Let a page stream to the service itself
#'
#' `liveness_direct()` requests temporary keys with which the page of a check streams its video to Amazon Rekognition, and
#' nothing else. R continues at once: the value is a promise of a ticket, which you send to the page and its
#' `rekognitionLiveness.start()`.
#'
#' The video then does not pass through R. Use it for many checks at the same time, for several R processes, and for back
#' ends that cannot keep a relay. In all other cases [liveness_relay()] is the better choice: the page gets no key of
#' AWS, its clock does not matter, and it connects to no host but yours.
#'
#' @section The keys:
#' They are those of the role `role_arn`, from `AssumeRole` of the AWS Security Token Service (STS), requested with the
#' client's own credentials, in its region, through its proxy, and within its time limits. They are valid for 900 seconds,
#' the shortest time that STS allows, and have a session policy that allows `rekognition:StartFaceLivenessSession` and
#' denies everything else that the role may do.
#'
#' Who has them can stream a video to any session of your account whose ID they know, while that session waits for its
#' check. AWS allows no narrower policy: `StartFaceLivenessSession` knows no resources. Therefore request a ticket only
#' for a user who is logged in, send it over https to that user alone, and do not store it.
#'
#' AWS needs a role with the permission `rekognition:StartFaceLivenessSession` on all resources (`"*"`) that trusts the
#' client's credentials, and for these the permission `sts:AssumeRole` on the role. The page connects to
#' `wss://streaming-rekognition.<region>.amazonaws.com`, which a content security policy must allow in `connect-src`. The
#' clock of the user's device must be right to within five minutes.
#'
#' STS is reached at the endpoint in `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL` or the profile. Otherwise, if the
#' client's endpoint is on this machine, as an emulator is, STS and the streaming service are expected there as well.
#'
#' @param svc A client from [rekognition()].
#' @param session_id The ID of the session, a string, from `svc$create_face_liveness_session()`. It is put into the ticket
#'   and not sent to AWS.
#' @param role_arn The ARN of the role, a string such as `"arn:aws:iam::111122223333:role/liveness-page"`.
#' @param external_id The external ID, if the role requires one: a string or `NULL`.
#' @param role_session_name A string of 2 to 64 letters, digits and `_+=,.@-` that AWS CloudTrail shows for what is done
#'   with the keys, or `NULL` for `"rekognition-"` and the time. It should not name a person.
#' @return A [promises::promise] of the ticket, a named list of strings, which a JSON serializer that unboxes strings can
#'   write for the page:
#'
#'   ```
#'   list(
#'     mode = "direct",
#'     sessionId = "string",
#'     region = "string",
#'     credentials = list(
#'       accessKeyId = "string",
#'       secretAccessKey = "string",
#'       sessionToken = "string",
#'       expiration = "2026-01-31T23:59:59Z"
#'     ),
#'     endpoint = "string"
#'   )
#'   ```
#'
#'   `endpoint` is present only if the streaming service is not at AWS's usual host. The ticket prints its keys: do not
#'   write it to a log.
#'
#'   [liveness_cancel()] cancels the promise. Every failure, including an invalid argument, rejects it with a condition of
#'   an operation (see [rekognition_conditions]). Errors of STS are `rekognition_service_error`s, such as `AccessDenied` if
#'   the role does not exist or does not trust the credentials, and `ValidationError` for an invalid ARN. One exception: if
#'   the packages later or promises are missing, a `rekognition_error` is raised at once.
#' @references
#' [AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html),
#' [StartFaceLivenessSession](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_rekognitionstreaming_StartFaceLivenessSession.html)
#' @export
#' @examples
#' if (requireNamespace("promises", quietly = TRUE)) {
#'   emulator <- rekognition_emulator()
#'   svc <- rekognition(config = emulator$config)
#'   id <- svc$create_face_liveness_session()$SessionId
#'
#'   promise <- liveness_direct(svc, id, "arn:aws:iam::111122223333:role/liveness-page")
#'   done <- promises::then(promise, function(ticket) print(ticket$credentials$expiration))
#'   # A script must run the event loop itself.
#'   while (!later::loop_empty()) later::run_now(1)
#'   emulator$stop()
#' }
liveness_direct <- function(svc, session_id, role_arn, external_id = NULL, role_session_name = NULL) {
  call <- user_call(sys.call(), hide_args = TRUE)
  promise_of(call, {
    if (missing(svc)) {
      stop_missing("svc", call)
    }
    if (missing(session_id)) {
      stop_missing("session_id", call)
    }
    if (missing(role_arn)) {
      stop_missing("role_arn", call)
    }
    check_client(svc, call)
    session_id <- check_string(session_id, "session_id", call)
    role <- list(
      arn = check_string(role_arn, "role_arn", call),
      external_id = check_string_or_null(external_id, "external_id", call),
      session_name = check_string_or_null(role_session_name, "role_session_name", call)
    )
    promised_ticket(handle_of(svc), session_id, role, call)
  })
}

# The work of liveness_direct().
promised_ticket <- function(handle, session_id, role, call) {
  force(session_id)
  list(
    handle = handle,
    start = function(...) {
      options <- list(log_level = log_level(call), ...)
      start <- function(client) direct_start(client, role, options)
      value_or_stop(start_on(handle, call, start), call)
    },
    take = function(request) {
      taken <- direct_take(request)
      write_log(direct_log(request))
      taken <- client_value(of_operation(taken, "assume_role"), handle, call)
      if (!is.null(taken)) direct_ticket(session_id, taken)
    },
    end = function(request) {
      direct_cancel(request)
      write_log(direct_log(request))
    }
  )
}

direct_ticket <- function(session_id, taken) {
  ticket <- list(
    mode = "direct",
    sessionId = session_id,
    region = taken$region,
    credentials = list(
      accessKeyId = taken$access_key_id,
      secretAccessKey = taken$secret_access_key,
      sessionToken = taken$session_token,
      expiration = taken$expiration
    )
  )
  # Not NULL, which some JSON serializers write as an empty object.
  if (!is.na(taken$endpoint)) c(ticket, endpoint = taken$endpoint) else ticket
}
