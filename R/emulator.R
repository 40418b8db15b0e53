# The emulator: closures over a pointer to a native server.

#' An emulator of the service
#'
#' Starts an HTTP server on 127.0.0.1, inside this R process, that emulates Amazon Rekognition: it checks signatures and
#' inputs, and responds with the service's own errors. It keeps Face Liveness sessions through their life cycle,
#' collections with their faces and users, and compares faces in images. For all other operations you set the responses.
#' No AWS account is needed, and nothing leaves the machine. It can also inject faults, so that you can test how your
#' application handles throttling, timeouts and broken connections.
#'
#' No camera is needed: by default, the check of a session starts one second after the session is created and takes
#' two seconds. `advance()` advances the emulator's clock, and `check()` completes a check immediately. A session
#' expires after 180 seconds and is removed after 600 seconds. AWS does not document how long it keeps an
#' expired session, so handle both the status `"EXPIRED"` and a `SessionNotFoundException`. A browser can also stream the
#' video of a camera to the emulator, as to the service: see [emulator_streams].
#'
#' The emulator runs until it is stopped or R exits. Forked processes (`parallel::mclapply()`) can use its `url` and
#' `config`, but not its functions, which only work in the process that started it.
#'
#' @section Functions:
#' \describe{
#'   \item{`check(SessionId, status = "SUCCEEDED", confidence = NULL, feedback = character(),
#'     reference_image = TRUE, when = c("now", "streamed"), image = NULL)`}{Completes the check of a session, or changes its outcome.
#'     With `when = "streamed"`, it sets the outcome of a check that is going to be streamed. `status` is one of the
#'     service's statuses. `confidence` is a number from 0 to 100; `NULL` uses a value between 90 and 100. `feedback`
#'     contains feedback codes of the service, such as `"LOW_LIGHTING_DETECTED"`, and requires the status
#'     `"SUCCEEDED"`. `reference_image` sets whether the result has a reference image. `image` sets the images of
#'     the session: see "Images of sessions".}
#'   \item{`advance(seconds)`}{Advances the clock that determines the age of sessions and temporary credentials.}
#'   \item{`face(image, person, bounding_box = NULL)`}{Adds a face to an image, see "Faces in images". `image` is a path, a
#'     raw vector, or an image of a result; `person` is a string, the same for all images of one person; `bounding_box` is
#'     a list of the numbers `Width`, `Height`, `Left` and `Top`, as ratios of the image; by default, the face is in the
#'     middle. `person = NULL` removes all faces: the image then contains no face.}
#'   \item{`put_bucket(bucket, region = NULL, versioning = FALSE)`}{Makes a bucket of S3, or changes its region and whether it
#'     keeps versions, see [emulator_buckets]. By default, it is in the emulator's region.}
#'   \item{`put_response(operation, response, times = Inf, status_code = 200, headers = character())`}{Sets the response to
#'     `times` requests of an operation, instead of what the emulator would respond. Responses with a finite `times` are
#'     returned in the order in which they were set. One without a limit is returned until another response is set.
#'     `operation` is a name such as `"DetectLabels"` or `"detect_labels"`. `response` is a list as the operation returns
#'     it, of which any members can be left out, or a string or raw vector that is sent as it is. A list must have the
#'     members and types of the operation's output, unless `status_code` is 300 or above; allowed values and bounds are not
#'     checked. Inputs are checked as usual. `headers` is a named character vector.}
#'   \item{`put_result(SessionId, result, status_code = 200, headers = character())`}{Sets the response to all requests
#'     for the results of this session, which `put_response()` does not change. `result` is a list as
#'     `get_face_liveness_session_results()` returns it (other members can be added; empty members are left out), or a
#'     string or raw vector that is sent as it is.}
#'   \item{`fault(kind, times = 1, ...)`}{Injects a fault into the next requests, see "Fault injection".}
#'   \item{`credentials(expires_in = 900, policy = NULL)`}{Creates temporary credentials, with a session token, that expire
#'     after `expires_in` seconds on the emulator's clock. `policy` is a string with the JSON of a session policy, see
#'     "Roles and policies"; without one, they can be used for all operations. Returns a list for the argument
#'     `credentials` of [rekognition()].}
#'   \item{`requests()`}{Returns a data frame of the last 10,000 requests, with the columns `time` (POSIXct, UTC),
#'     `operation`, `session_id`, `client_request_token`, `access_key_id`, `attempt` (as the SDK counts them: always 1 for
#'     [liveness_results()], [rekognition_map()] and promises, which send each attempt as a request of its own),
#'     `user_agent`, `status_code` and `code` (of the response, if one was sent), `request_id`, and `video_bytes` (the size
#'     of the video, for streams). It contains no signatures, secrets, images or videos.}
#'   \item{`video(SessionId)`}{Returns the video that was streamed for a session as a raw vector, if the emulator was started
#'     with `keep_video = TRUE`. It keeps the videos of the latest ten sessions.}
#'   \item{`stop()`}{Stops the emulator.}
#' }
#'
#' @section Operations:
#' These operations work without `put_response()`:
#'
#' - CreateFaceLivenessSession, GetFaceLivenessSessionResults;
#' - CompareFaces, DetectFaces;
#' - CreateCollection, ListCollections, DescribeCollection, DeleteCollection, and ListTagsForResource, TagResource,
#'   UntagResource for collections;
#' - IndexFaces, ListFaces, SearchFaces, SearchFacesByImage, DeleteFaces;
#' - CreateUser, ListUsers, DeleteUser, AssociateFaces, DisassociateFaces, SearchUsers, SearchUsersByImage.
#'
#' Any other operation is an `EmulatorNotScriptedException` until `put_response()` sets its response.
#'
#' For all operations, the emulator checks members, types, lengths, ranges, patterns and allowed values of the input, as
#' the service's model has them. For the operations above it also checks what exists, what exists already, what belongs
#' together, idempotency tokens and pagination tokens. It does not check permissions other than session policies,
#' service quotas, or the dimensions and the quality of images. An image must be a complete JPEG or PNG file of at most
#' 5 MB, or an object in one of the emulator's buckets, see [emulator_buckets]. A face is indexed once for each image and
#' `ExternalImageId`, as AWS documents it. Associations of faces with users are complete at once, although the response
#' says `"UPDATING"`. The version of all face models is 7.0. Messages and orders that AWS does not document are made up;
#' lists are in the order of creation. The emulator keeps up to 10,000 collections, and 100,000 faces and users.
#'
#' @section Faces in images:
#' The emulator does not analyze pixels. It identifies an image by its bytes, and the people in it are those that
#' `face()` has added. Without any, they are those in `faces.json` if it is one of the sample images in
#' `system.file("extdata", package = "rekognition")`, which include the images of the emulator's sessions. Any other
#' image shows one person, who is in no other image.
#'
#' Two faces of one person have a similarity from 97 to 99.99, faces of different people one below 40, and a face and
#' itself 100. Similarities, IDs and attributes of faces are made up, but the same in each run.
#'
#' @section Images of sessions:
#' By default, the images of a session are sample images of one person. `check(image = )` gives a session images of your
#' own. `image` is one image, the reference image, or a list of images: the first is the reference image, and the others are
#' the audit images, as many as the session's `AuditImagesLimit` allows. An image is anything that [rekognition_image()]
#' accepts: a path, a raw vector, an image of a result, or the URI of an object in one of the emulator's buckets. Each must be
#' a JPEG or PNG file; those that are not in a bucket must not exceed 8 MB together. The status must be `"SUCCEEDED"`.
#'
#' The people in these images are as described above: those that `face()` has added, those in a sample image, or one person
#' who is in no other image. The box in the result is that of the largest face. An image without a face has no box.
#'
#' @section Fault injection:
#' `fault(kind, times = 1, ...)` injects a fault into the responses to the next `times` requests, after the faults that
#' are already queued. `times = "first"` injects it into the first request for the results of each session, and into the
#' first request of another operation with the same input (its idempotency token aside) or for the same object. `kind` is
#' one of
#'
#' \describe{
#'   \item{`"throttle"`}{Returns a ThrottlingException. Argument: `status_code = 400`. S3 responds with SlowDown and the
#'     status 503.}
#'   \item{`"error"`}{Returns the given error. Arguments: `code`, `message = NULL`, `status_code = 400`.}
#'   \item{`"delay"`}{Delays the response. Argument: `seconds`.}
#'   \item{`"hang"`}{Never responds.}
#'   \item{`"close"`}{Closes the connection without a response.}
#'   \item{`"drop"`}{Processes the request, then closes the connection without a response.}
#'   \item{`"reset"`}{Resets the connection without a response.}
#'   \item{`"cut_off"`}{Closes the connection in the middle of the response. Argument: `part = "body"` or
#'     `"header"`.}
#'   \item{`"stall"`}{Stops sending after half of the body, and keeps the connection open.}
#'   \item{`"dribble"`}{Sends the response byte by byte. Argument: `seconds = 1`, the pause between bytes.}
#'   \item{`"content_length"`}{Sends a wrong Content-Length. Argument: `by = 10`, the bytes to add; negative to
#'     announce too few.}
#'   \item{`"chunked"`}{Sends the body in chunks, which is valid.}
#'   \item{`"gzip"`}{Compresses the body, although the client does not accept compression.}
#'   \item{`"html"`}{Returns an HTML page, as a proxy does. Argument: `status_code = 503`.}
#'   \item{`"rate"`}{Throttles requests above a rate, as `"throttle"` does, until `"none"`. Arguments: `per_second`,
#'     and `burst = NULL`, the number of requests allowed at once (by default `per_second`).}
#'   \item{`"none"`}{Removes all faults and the rate limit.}
#' }
#'
#' The kinds that begin with `"stream_"` are described in [emulator_streams].
#'
#' Requests with one of the faults `"throttle"`, `"error"`, `"hang"`, `"close"`, `"reset"`, `"html"` and `"rate"` are not
#' processed: they create and delete nothing. All others are, although the client may not receive the response. With
#' `"drop"`, you can test what your application does when an operation has succeeded and the client sends it again.
#'
#' @section Roles and policies:
#' The emulator also responds to AssumeRole of the Security Token Service (STS), at the same URL: set the endpoint of STS
#' (`AWS_ENDPOINT_URL_STS`) to it. Every role exists, has all permissions, and can be assumed with all keys of the
#' emulator. Inputs and signatures are checked as by the service, and the keys expire on the emulator's clock. The members
#' `PolicyArns`, `SerialNumber`, `TokenCode` and `ProvidedContexts` are an error. `requests()` shows these requests, and
#' `fault()` applies to them.
#'
#' A session policy, in `Policy` of AssumeRole or in `credentials()`, limits what the keys can be used for. Any other
#' request is an `AccessDeniedException`. The emulator supports policies of up to 2,048 characters with `Effect`, `Action` or
#' `NotAction`, and `Resource` or `NotResource`. A policy with another element, such as `Condition`, is an error. Resources
#' are collections, and buckets and objects of S3; for other operations, the resource must be `"*"`.
#'
#' @section From the command line:
#' With `wait = TRUE`, an emulator can be used by programs in any language:
#'
#' ```
#' Rscript -e 'rekognition::rekognition_emulator(port = 8000, check_after = Inf, wait = TRUE)'
#' ```
#'
#' `check_after = Inf` is for checks in a browser. Without it, a session succeeds automatically.
#'
#' The emulator prints the environment variables that make the AWS SDKs use it, with the secret access key. That key
#' protects only the emulator. If you set the keys with `credentials`, the secret access key is not printed. The emulator
#' runs until it receives Ctrl-C or the signal SIGTERM, then stops, and the function returns.
#'
#' Web pages can use the emulator from any origin: it responds to the preflight requests of browsers (CORS), and all
#' responses allow the page to read them. Requests must still be signed, so a page without the keys gets errors only.
#' `requests()` does not show preflight requests, and `fault()` does not apply to them.
#'
#' @param region String: the region that requests must be signed for.
#' @param port Port on 127.0.0.1; 0 picks a free one.
#' @param check_after Seconds from the creation of a session to the start of its check; `Inf` disables automatic
#'   checks.
#' @param check_takes Seconds that a check takes.
#' @param keep_video `TRUE` keeps the videos of streams for `video()`.
#' @param credentials List of the strings `access_key_id` and `secret_access_key`: the keys that the emulator accepts. By
#'   default, it makes up new ones. Use keys that you use nowhere else.
#' @param wait `TRUE` prints how to use the emulator and waits until it is stopped, see "From the command line".
#' @return An object of class `rekognition_emulator`: a list of `url` (string), `config` (a list for the argument
#'   `config` of [rekognition()]), and the functions described below.
#'
#' Raises `rekognition_argument_error` for an invalid argument, `rekognition_config_error` if the port cannot be used,
#' and `rekognition_error` if a function is called after the emulator was stopped.
#' @seealso [local_emulator()], for a single function or test; [emulator_streams], for checks in a browser;
#'   [emulator_buckets], for images in S3
#' @references
#' [Amazon Rekognition API reference](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CreateFaceLivenessSession.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' emulator
#' svc <- rekognition(config = emulator$config)
#'
#' # Complete a check.
#' id <- svc$create_face_liveness_session()$SessionId
#' emulator$check(id, confidence = 99.2)
#' svc$get_face_liveness_session_results(id)$Confidence
#'
#' # Throttle the next request: the client retries it.
#' emulator$fault("throttle", times = 1)
#' svc$get_face_liveness_session_results(id)$Status
#' emulator$requests()[c("operation", "attempt", "status_code", "code")]
#'
#' # Compare the reference image with an identity document, and with the image of another person.
#' reference <- svc$get_face_liveness_session_results(id)$ReferenceImage
#' image <- function(file) {
#'   path <- system.file("extdata", file, package = "rekognition")
#'   list(Bytes = readBin(path, "raw", file.size(path)))
#' }
#' svc$compare_faces(reference, image("person-1-id.jpg"))$FaceMatches[[1]]$Similarity
#' length(svc$compare_faces(reference, image("person-2-id.jpg"))$FaceMatches)
#'
#' # Set the response of an operation.
#' emulator$put_response("DetectLabels", list(Labels = list(list(Name = "Person", Confidence = 99.5))))
#' svc$detect_labels(reference)$Labels[[1]]$Name
#'
#' # Complete the check of another person, with an image of your own.
#' id <- svc$create_face_liveness_session()$SessionId
#' emulator$check(id, image = system.file("extdata", "person-3-0.jpg", package = "rekognition"))
#' other <- svc$get_face_liveness_session_results(id)$ReferenceImage
#' svc$compare_faces(other, image("person-3-id.jpg"))$FaceMatches[[1]]$Similarity
#'
#' # Let the session expire.
#' emulator$advance(180)
#' svc$get_face_liveness_session_results(id)$Status
#' emulator$stop()
rekognition_emulator <- function(
  region = "us-east-1",
  port = 0,
  check_after = 1,
  check_takes = 2,
  keep_video = FALSE,
  credentials = NULL,
  wait = FALSE
) {
  call <- user_call(sys.call())
  region <- check_emulated_region(region, call)
  check_after <- check_number(check_after, "check_after", call, min = 0)
  check_takes <- check_number(check_takes, "check_takes", call, min = 0)
  port <- check_whole_number_between(port, 0, 65535, "port", call)
  check_flag(keep_video, "keep_video", call)
  credentials <- check_emulator_keys(credentials, call)
  check_flag(wait, "wait", call)
  # An interrupt must not leave a server running without an R object.
  server <- NULL
  is_returned <- FALSE
  on.exit(if (!is_returned && !is.null(server)) suspendInterrupts(stop_emulator(server, call)))
  emulator <- suspendInterrupts({
    native <- emulator_start(region, port, check_after, check_takes, keep_video, credentials)
    server <- value_or_stop(native, call)
    # Kept until it is stopped: gc() must not stop it while a client of its `config` exists.
    the$emulators <- c(the$emulators, list(server))
    new_emulator(server, region, keep_video)
  })
  check_interrupt()
  if (wait) {
    writeLines(shell_settings(emulator, check_after + check_takes, show_secret = is.null(credentials)))
    wait_for_signal()
    return(invisible(emulator))
  }
  is_returned <- TRUE
  emulator
}

new_emulator <- function(server, region, keep_video) {
  description <- emulator_describe(server)
  keys <- description[key_names[1:2]]
  structure(
    c(
      list(
        url = description$url,
        config = list(credentials = list(creds = keys), endpoint = description$url, region = region)
      ),
      emulator_functions(server, keep_video)
    ),
    class = "rekognition_emulator"
  )
}

stop_emulator <- function(server, call) {
  value_or_stop(emulator_stop(server), call)
  the$emulators <- Filter(function(other) !identical(other, server), the$emulators)
  invisible()
}

emulator_functions <- function(server, keep_video) {
  list(
    check = function(
      SessionId,
      status = "SUCCEEDED",
      confidence = NULL,
      feedback = character(),
      reference_image = TRUE,
      when = c("now", "streamed"),
      image = NULL
    ) {
      call <- user_call(sys.call())
      complete_check(server, SessionId, status, confidence, feedback, reference_image, when, image, call)
    },
    advance = function(seconds) {
      call <- user_call(sys.call())
      if (missing(seconds)) {
        stop_missing("seconds", call)
      }
      seconds <- min(check_number(seconds, "seconds", call, min = 0), 1e9)
      emulator_value(emulator_advance(server, seconds), call)
      invisible()
    },
    face = function(image, person, bounding_box = NULL) {
      add_face(server, image, person, bounding_box, user_call(sys.call()))
    },
    put_bucket = function(bucket, region = NULL, versioning = FALSE) {
      put_bucket(server, bucket, region, versioning, user_call(sys.call()))
    },
    put_response = function(operation, response, times = Inf, status_code = 200, headers = character()) {
      put_response(server, operation, response, times, status_code, headers, user_call(sys.call()))
    },
    put_result = function(SessionId, result, status_code = 200, headers = character()) {
      put_result(server, SessionId, result, status_code, headers, user_call(sys.call()))
    },
    fault = function(kind, times = 1, ...) {
      inject_fault(server, kind, times, list(...), user_call(sys.call()))
    },
    credentials = function(expires_in = 900, policy = NULL) {
      temporary_credentials(server, expires_in, policy, user_call(sys.call()))
    },
    requests = function() {
      requests <- emulator_value(emulator_requests(server), user_call(sys.call()))
      requests$time <- .POSIXct(requests$time, "UTC")
      structure(requests, class = "data.frame", row.names = .set_row_names(length(requests$time)))
    },
    video = function(SessionId) {
      streamed_video(server, SessionId, keep_video, user_call(sys.call()))
    },
    stop = function() {
      stop_emulator(server, user_call(sys.call()))
    }
  )
}

#' @export
format.rekognition_emulator <- function(x, ...) {
  server <- environment(x$stop)$server
  state <- if (is.null(emulator_describe(server))) gettext("stopped") else gettext("running")
  c(
    "<Emulator of Amazon Rekognition>",
    paste0("url:       ", x$url, " (", state, ")"),
    paste0("region:    ", x$config$region),
    strwrap(
      paste0("functions: ", paste0("$", names(Filter(is.function, x)), "()", collapse = ", ")),
      width = 80,
      exdent = 11
    )
  )
}

#' @export
print.rekognition_emulator <- function(x, ...) {
  check_print_dots(list(...), character(), quote(print(...)))
  writeLines(format(x))
  invisible(x)
}

#' @export
str.rekognition_emulator <- function(object, ...) {
  cat("", paste0(format(object), "\n"))
  invisible()
}
