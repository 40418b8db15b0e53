# Help on the emulator's streams.

#' Checks that a browser streams to the emulator
#'
#' In a Face Liveness check, a web page streams the video of a camera to Amazon Rekognition over a signed WebSocket, the
#' operation StartFaceLivenessSession. The [emulator][rekognition_emulator()] speaks this protocol on the same port as all
#' others, so a whole check runs without an AWS account, with AWS's own component for browsers. `vignette("streaming")` shows
#' how to set up the page, the credentials and a camera for tests. Streams are WebSockets, as browsers and phones use them: the
#' plain HTTP requests by which the AWS SDK for JavaScript streams in Node are an error.
#'
#' The emulator does not verify liveness. It counts the bytes of the video, but does not analyze them. The images in the
#' results are drawn, and the outcome is made up: a stream that is complete succeeds with a confidence between 90 and 100. To
#' set another outcome beforehand, call `emulator$check(id, ..., when = "streamed")`, with the status `"SUCCEEDED"` or `"FAILED"`.
#'
#' @section Life of a session:
#' Start the emulator with `check_after = Inf`: otherwise, a session succeeds automatically, even if its check is never
#' streamed (except after `check(when = "streamed")`).
#' Opening a stream ends the automatic check of a session, and its status becomes `"IN_PROGRESS"`. When the video is complete,
#' the session has its outcome. If the client leaves before, or is refused during the stream, the session is `"FAILED"`. A
#' session can be streamed once, within 180 seconds of its creation: after that, the stream ends, and the status is
#' `"EXPIRED"`. The challenge is the first of the session's `ChallengePreferences` of which the client knows a version within
#' the bounds; by default FaceMovementAndLightChallenge 2.0.0. The results contain its type and version, and the
#' client as its user agent names it.
#'
#' @section What is checked:
#' - The signature of the URL: keys, date, expiry, region and host, which may be signed without its port, as the AWS SDK for
#'   JavaScript does. Session policies must allow `rekognition:StartFaceLivenessSession`.
#' - The signature of each message, which continues the one before, and its date, which may be off by at most five minutes.
#' - The messages: their encoding, members and types; the challenge; the colors, in their order; and that the first face, all
#'   colors and the face in the oval come before the end of the video. Coordinates and timestamps are not compared with
#'   anything.
#' - Limits: 10 MB of video, 2 MiB for a message, 100 streams at a time (a ServiceQuotaExceededException).
#'
#' Except for the faults below, the WebSocket is always opened, because a page cannot read why it was refused. The refusal
#' follows as an exception in the stream, and the connection is closed with the code 1000. `code` in `emulator$requests()`
#' is that of the exception: SessionNotFoundException, ValidationException (the session is used or expired, or a message is
#' invalid), InvalidSignatureException, IncompleteSignatureException, MissingAuthenticationTokenException,
#' UnrecognizedClientException, ExpiredTokenException, AccessDeniedException, ThrottlingException or
#' ServiceQuotaExceededException. AWS does not document the messages; the emulator's are its own.
#'
#' @section Faults:
#' `emulator$fault(kind, times = 1, ...)` injects a fault into the next `times` streams; `times` is a number. Requests of other
#' operations do not use it up. `kind` is one of
#'
#' \describe{
#'   \item{`"stream_refused"`}{Refuses the WebSocket with an HTTP status. Argument: `status_code = 403`.}
#'   \item{`"stream_silent"`}{Opens the WebSocket, and sends nothing for 180 seconds. The session stays unused.}
#'   \item{`"stream_late"`}{Delays the first message. Argument: `seconds`.}
#'   \item{`"stream_error"`}{Sends an exception. Arguments: `code`, such as `"ThrottlingException"`, `message = NULL`, and `at`.}
#'   \item{`"stream_close"`}{Closes the WebSocket. Arguments: `code = 1011`, and `at`.}
#'   \item{`"stream_cut_off"`}{Ends the connection without closing the WebSocket. Argument: `at`.}
#'   \item{`"stream_no_disconnection"`}{Does not send the last message, and keeps the connection open for 180 seconds.}
#'   \item{`"stream_dribble"`}{Sends everything byte by byte. Argument: `seconds = 0.01`, the pause between bytes.}
#' }
#'
#' `at = "start"`, the default, is instead of the first message. `at = "end"` is instead of the last one, when the video is
#' complete. `"stream_error"` at the start leaves the session unused, and at the end it makes it `"FAILED"`. `"stream_close"` and
#' `"stream_cut_off"` at the start make it `"FAILED"`, and at the end it has its outcome, although the client cannot know.
#'
#' The fault `"rate"` throttles streams as well, and `"none"` removes all faults.
#'
#' @name emulator_streams
#' @references
#' [StartFaceLivenessSession](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_rekognitionstreaming_StartFaceLivenessSession.html)
#' @seealso [rekognition_emulator()]
#' @examples
#' emulator <- rekognition_emulator(check_after = Inf, keep_video = TRUE)
#' svc <- rekognition(config = emulator$config)
#' id <- svc$create_face_liveness_session()$SessionId
#'
#' # Credentials for a page: they allow nothing else.
#' allow <- '{"Effect": "Allow", "Action": "rekognition:StartFaceLivenessSession", "Resource": "*"}'
#' policy <- sprintf('{"Version": "2012-10-17", "Statement": [%s]}', allow)
#' keys <- emulator$credentials(policy = policy)
#'
#' # When a page has streamed the check, it fails.
#' emulator$check(id, status = "FAILED", when = "streamed")
#'
#' # The next stream is throttled, the one after it is cut off at its end.
#' emulator$fault("stream_error", code = "ThrottlingException", message = "Rate exceeded")
#' emulator$fault("stream_cut_off", at = "end")
#'
#' # Streams that the emulator has seen, with the size of their videos.
#' subset(emulator$requests(), operation == "StartFaceLivenessSession")
#' emulator$stop()
NULL
