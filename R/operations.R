# The two operations. svc$<operation>() and rekognition_<operation>() share the functions at the end of this file.

#' Retrieves the results of a specific Face Liveness session
#'
#' Retrieves the results of a specific Face Liveness session. It requires the `sessionId` as input, which
#' was created using [rekognition_create_face_liveness_session()]. Returns the corresponding Face Liveness
#' confidence score, a reference image that includes a face bounding box, and audit images that also
#' contain face bounding boxes. The Face Liveness confidence score ranges from 0 to 100. The reference image
#' can optionally be returned.
#'
#' `svc$get_face_liveness_session_results()` uses the client `svc`;
#' `rekognition_get_face_liveness_session_results()` uses the default client, see [rekognition_default()].
#'
#' @param SessionId \[required\] A unique 128-bit UUID. This is used to uniquely identify the session and
#'   also acts as an idempotency token for all operations associated with the session.
#' @return A list with the following syntax:
#'
#' ```
#' list(
#'   SessionId = "string",
#'   Status = "CREATED"|"IN_PROGRESS"|"SUCCEEDED"|"FAILED"|"EXPIRED",
#'   Confidence = 123.0,
#'   ReferenceImage = list(
#'     Bytes = raw,
#'     S3Object = list(
#'       Bucket = "string",
#'       Name = "string",
#'       Version = "string"
#'     ),
#'     BoundingBox = list(
#'       Width = 123.0,
#'       Height = 123.0,
#'       Left = 123.0,
#'       Top = 123.0
#'     )
#'   ),
#'   AuditImages = list(
#'     list(
#'       Bytes = raw,
#'       S3Object = list(
#'         Bucket = "string",
#'         Name = "string",
#'         Version = "string"
#'       ),
#'       BoundingBox = list(
#'         Width = 123.0,
#'         Height = 123.0,
#'         Left = 123.0,
#'         Top = 123.0
#'       )
#'     )
#'   )
#' )
#' ```
#'
#' The list always has this shape. Members that the service omits are empty vectors of their type (`character(0)`,
#' `numeric(0)`, `raw(0)`); `AuditImages` is then `list()`. Test for them with `length()`: `Confidence`, for example,
#' has a value only after the check has succeeded. Numbers are exactly the numbers in the response, to the last bit;
#' strings are UTF-8; `Bytes` is the image as it was sent. An image has either `Bytes` or, if the session was created
#' with an `OutputConfig`, an `S3Object`.
#'
#' The service deletes a session and all its data (score and images) 3 minutes after its creation. Store what you need
#' at once: the status and the confidence in your database, the images with [liveness_save()], with the `dir` argument
#' of [liveness_results()], or with an `OutputConfig` in S3 (images only).
#'
#' AWS's [AI Service Card](https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html) gives
#' starting points for a threshold of `Confidence`: 50 or 60 as a moderate one, 80 or 90 against injection attacks.
#' There is no default. Do not show the score to the user who was checked.
#'
#' R prints the raw vectors of a plain list in full: inspect the result with [str()].
#'
#' Failures are conditions: see [rekognition_conditions].
#' @section Request syntax:
#' ```
#' svc$get_face_liveness_session_results(
#'   SessionId = "string"
#' )
#' ```
#' @references
#' [GetFaceLivenessSessionResults](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_GetFaceLivenessSessionResults.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' id <- svc$create_face_liveness_session()$SessionId
#' emulator$check(id, confidence = 98.6)
#'
#' results <- svc$get_face_liveness_session_results(SessionId = id)
#' results$Status
#' results$Confidence
#' str(results$ReferenceImage)
#' emulator$stop()
rekognition_get_face_liveness_session_results <- function(SessionId) {
  call <- user_call(sys.call())
  if (missing(SessionId)) {
    stop_missing("SessionId", call)
  }
  get_session_results(default_handle(call), SessionId, call)
}

#' Creates a Face Liveness session
#'
#' This API operation initiates a Face Liveness session. It returns a `SessionId`, which you can use to start
#' streaming Face Liveness video and get the results for a Face Liveness session.
#'
#' `svc$create_face_liveness_session()` uses the client `svc`; `rekognition_create_face_liveness_session()`
#' uses the default client, see [rekognition_default()].
#'
#' Retries use the same token, so that they do not create a second session.
#'
#' @param KmsKeyId String: the identifier of your AWS KMS key, used to encrypt audit images and reference
#'   images.
#' @param Settings List: `OutputConfig`, a list of `S3Bucket` and `S3KeyPrefix` (where images are stored;
#'   without it, results contain them as bytes); `AuditImagesLimit`, 0 to 4, 0 by default; `ChallengePreferences`, a
#'   list of lists of `Type` (`"FaceMovementAndLightChallenge"` or `"FaceMovementChallenge"`) and `Versions` (a
#'   list of `Minimum` and `Maximum`), in order of preference.
#' @param ClientRequestToken String: calls with the same token return the same session. By default, each call
#'   generates a new token.
#' @return A list with the following syntax:
#'
#' ```
#' list(
#'   SessionId = "string"
#' )
#' ```
#'
#' Failures are conditions: see [rekognition_conditions]. The service checks the bounds of values.
#' @section Request syntax:
#' ```
#' svc$create_face_liveness_session(
#'   KmsKeyId = "string",
#'   Settings = list(
#'     OutputConfig = list(
#'       S3Bucket = "string",
#'       S3KeyPrefix = "string"
#'     ),
#'     AuditImagesLimit = 123,
#'     ChallengePreferences = list(
#'       list(
#'         Type = "FaceMovementAndLightChallenge"|"FaceMovementChallenge",
#'         Versions = list(
#'           Minimum = "string",
#'           Maximum = "string"
#'         )
#'       )
#'     )
#'   ),
#'   ClientRequestToken = "string"
#' )
#' ```
#' @references
#' [CreateFaceLivenessSession](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CreateFaceLivenessSession.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))
#' emulator$stop()
rekognition_create_face_liveness_session <- function(
  KmsKeyId = NULL,
  Settings = NULL,
  ClientRequestToken = NULL
) {
  call <- user_call(sys.call())
  create_session(default_handle(call), KmsKeyId, Settings, ClientRequestToken, call)
}

get_session_results <- function(handle, SessionId, call) {
  if (missing(SessionId)) {
    stop_missing("SessionId", call)
  }
  SessionId <- check_string(SessionId, "SessionId", call)
  level <- log_level(call)
  results <- make_call(handle, call, function(client) {
    call_get_session_results(client, SessionId, level, wait_seconds)
  })
  if (length(results$ReferenceImage$Bytes) > 0 || length(results$AuditImages) > 0) {
    collect_garbage(results)
  }
  results
}

# R accumulates 64 MB of garbage before it collects: a loop over sessions would hold the images of about eighty sessions. Collecting
# the youngest generation takes about as long as decoding one response.
collect_garbage <- function(results) {
  sizes <- vapply(results$AuditImages, function(image) length(image$Bytes), 0L)
  the$image_bytes <- the$image_bytes + length(results$ReferenceImage$Bytes) + sum(sizes)
  if (the$image_bytes > 12e6) {
    the$image_bytes <- 0
    gc(full = FALSE)
  }
}

create_session <- function(handle, KmsKeyId, Settings, ClientRequestToken, call) {
  input <- c(
    list(
      kms_key_id = check_string_or_null(KmsKeyId, "KmsKeyId", call),
      client_request_token = check_string_or_null(ClientRequestToken, "ClientRequestToken", call)
    ),
    if (!is.null(Settings)) flat_session_settings(Settings, call)
  )
  level <- log_level(call)
  make_call(handle, call, function(client) call_create_session(client, input, level, wait_seconds))
}

# Flattens the nested list of the API; challenges become columns.
flat_session_settings <- function(settings, call) {
  check_members(settings, c("OutputConfig", "AuditImagesLimit", "ChallengePreferences"), "Settings", call)
  limit <- check_whole_number_or_null(settings$AuditImagesLimit, "Settings$AuditImagesLimit", call)
  c(
    list(has_settings = TRUE, audit_images_limit = limit),
    flat_output_config(settings$OutputConfig, call),
    flat_challenges(settings$ChallengePreferences, call)
  )
}

flat_output_config <- function(output, call) {
  if (is.null(output)) {
    return(NULL)
  }
  where <- "Settings$OutputConfig"
  check_members(output, c("S3Bucket", "S3KeyPrefix"), where, call)
  list(
    s3_bucket = check_string(output$S3Bucket, paste0(where, "$S3Bucket"), call),
    s3_key_prefix = check_string_or_null(output$S3KeyPrefix, paste0(where, "$S3KeyPrefix"), call)
  )
}

flat_challenges <- function(challenges, call) {
  if (is.null(challenges)) {
    return(NULL)
  }
  where <- "Settings$ChallengePreferences"
  if (!is.list(challenges) || !is.null(names(challenges))) {
    stop_argument(where, gettextf("`%s` must be an unnamed list of lists.", where), call)
  }
  types <- minimums <- maximums <- character()
  for (i in seq_along(challenges)) {
    item <- paste0(where, "[[", i, "]]")
    challenge <- challenges[[i]]
    check_members(challenge, c("Type", "Versions"), item, call)
    versions <- if (is.null(challenge$Versions)) list() else challenge$Versions
    check_members(versions, c("Minimum", "Maximum"), paste0(item, "$Versions"), call)
    bound <- function(name) {
      value <- check_string_or_null(versions[[name]], paste0(item, "$Versions$", name), call)
      if (is.null(value)) NA_character_ else value
    }
    types[i] <- check_string(challenge$Type, paste0(item, "$Type"), call)
    minimums[i] <- bound("Minimum")
    maximums[i] <- bound("Maximum")
  }
  list(
    has_challenges = TRUE,
    challenge_types = types,
    version_minimums = minimums,
    version_maximums = maximums
  )
}
