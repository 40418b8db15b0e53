# The operations as functions: svc$<operation>() and rekognition_<operation>(). What R knows of them is operation_arguments;
# the rest is the model's, in native code. dev/help.R writes the help pages, except for the two in this file.

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
#' The service deletes a session and all its data (score and images) 3 minutes after its creation. Store what you need
#' at once: the status and the confidence in your database, the images with [liveness_save()], with the `dir` argument
#' of [liveness_results()], or with an `OutputConfig` in S3 (images only). [liveness_results()] gets the results of one
#' or many sessions as a data frame, and [liveness_wait()] waits for them.
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
#' AWS's [AI Service Card](https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html) gives
#' starting points for a threshold of `Confidence`: 50 or 60 as a moderate one, 80 or 90 against injection attacks.
#' There is no default. Do not show the score to the user who was checked.
#'
#' R prints the raw vectors of a plain list in full: inspect the result with [str()].
#' @section Request syntax:
#' ```
#' svc$get_face_liveness_session_results(
#'   SessionId = "string"
#' )
#' ```
#' @section Conditions:
#' The service's error codes, each of which is a class to catch: `AccessDeniedException`, `InternalServerError`,
#' `InvalidParameterException`, `ProvisionedThroughputExceededException`, `SessionNotFoundException` and
#' `ThrottlingException`. See [rekognition_conditions].
#' @seealso [liveness_results()] gets the results of many sessions at once, and [liveness_promise()] does not block R.
#'   [liveness_image()] and its `plot()` show the images. [rekognition_operations] lists all operations.
#' @references
#' [GetFaceLivenessSessionResults](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_GetFaceLivenessSessionResults.html)
#' @name rekognition_get_face_liveness_session_results
#' @usage rekognition_get_face_liveness_session_results(SessionId)
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
NULL

#' Creates a Face Liveness session
#'
#' This API operation initiates a Face Liveness session. It returns a `SessionId`, which you can use to start
#' streaming Face Liveness video and get the results for a Face Liveness session.
#'
#' `svc$create_face_liveness_session()` uses the client `svc`; `rekognition_create_face_liveness_session()`
#' uses the default client, see [rekognition_default()].
#'
#' The service deletes a session and all its data 3 minutes after its creation: the check must end, and its results must
#' be fetched, before then. [liveness_results()] gets the results, and can save the images.
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
#' The service checks the bounds of values.
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
#' @section Conditions:
#' The service's error codes, each of which is a class to catch: `AccessDeniedException`, `InternalServerError`,
#' `InvalidParameterException`, `ProvisionedThroughputExceededException` and `ThrottlingException`. See
#' [rekognition_conditions].
#' @section Retries:
#' All requests of a call contain the same `ClientRequestToken`, so that the service creates only one session.
#' @seealso [rekognition_get_face_liveness_session_results()] gets the results of a session, and [liveness_results()] those
#'   of many sessions. [rekognition_operations] lists all operations.
#' @references
#' [CreateFaceLivenessSession](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CreateFaceLivenessSession.html)
#' @name rekognition_create_face_liveness_session
#' @usage
#' rekognition_create_face_liveness_session(
#'   KmsKeyId = NULL,
#'   Settings = NULL,
#'   ClientRequestToken = NULL
#' )
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))
#' emulator$stop()
NULL

# The function of an operation. `handle` is an expression for the client's handle; NULL stands for the default client. An
# argument that is missing is NULL: native code says which ones are required.
operation_function <- function(name, handle) {
  arguments <- formals(eval(str2lang(sprintf("function(%s) NULL", operation_arguments[[name]]))))
  values <- lapply(names(arguments), function(argument) {
    argument_name <- as.name(argument)
    is_required <- identical(arguments[[argument]], quote(expr = ))
    if (is_required) bquote(if (!missing(.(argument_name))) .(argument_name)) else argument_name
  })
  values <- as.call(c(quote(list), stats::setNames(values, names(arguments))))
  # An argument is evaluated when it is used: only conditions show the call.
  body <- call("call_operation", name, handle, values, quote(user_call(sys.call())))
  eval(call("function", as.pairlist(arguments), body), topenv())
}

# On the default client.
list2env(
  lapply(
    stats::setNames(names(operation_arguments), paste0("rekognition_", names(operation_arguments))),
    operation_function,
    handle = NULL
  ),
  topenv()
)

# On a client: functions that make the operation from a handle. Its environment contains the handle and nothing else,
# because it is saved with the function. Made by a compiled function, it is compiled, too.
operation_makers <- lapply(stats::setNames(nm = names(operation_arguments)), function(name) {
  operation <- operation_function(name, quote(handle))
  made <- call("function", formals(operation), body(operation))
  eval(call("function", as.pairlist(alist(handle = )), call("{", quote(handle <- handle), made)), topenv())
})

client_operation <- function(svc, name) {
  operation_makers[[name]](handle_of(svc))
}

#' @evalNamespace sprintf("export(rekognition_%s)", names(operation_arguments))
NULL

call_operation <- function(name, handle, arguments, call) {
  if (is.null(handle)) {
    handle <- default_handle(call)
  }
  level <- log_level(call)
  send <- function(arguments) {
    make_call(handle, call, function(client) call_start(client, name, arguments, level, wait_seconds))
  }
  value <- send(arguments)
  # Only errors have a class.
  if (is.object(value)) {
    value <- again_in_utf8(value, arguments, send, call)
    value <- client_value(of_operation(value, name), handle, call)
  }
  if (length(value$ReferenceImage$Bytes) > 0 || length(value$AuditImages) > 0) {
    collect_garbage(value)
  }
  value
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
