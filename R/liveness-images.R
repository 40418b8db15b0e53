# Images in S3: fetched, and put into results.

#' Fetch the images that are in S3
#'
#' If a session was created with an `OutputConfig`, the service stores its images in your S3 bucket, and results contain
#' only their addresses. `liveness_images()` fetches these images with the credentials of the client and fills in their
#' `Bytes`, so that `plot()`, [liveness_save()] and [liveness_report()] work as with any other image.
#'
#' Each object is fetched with one signed GET request. If the result contains a version of the object, this version is
#' fetched. Objects that are encrypted with SSE-S3 or SSE-KMS need only the permissions below. Images that already have
#' bytes, and paths of files, stay as they are, and an object that occurs several times is fetched once. To fetch what is
#' missing after an error, call the function again with the value that it returned.
#'
#' All requests use one client and run on background threads, at most `max_active` at a time. If S3 throttles, they slow
#' down, and throttled requests are retried for as long as the `operation_timeout` of the client allows. Other transient
#' failures are retried up to `max_retries` times. The client's proxy, CA bundle and time limits apply. An object of
#' more than 12 MiB is an error. Ctrl-C stops all requests and returns nothing.
#'
#' The contents of objects are not checked: an object that is neither JPEG nor PNG prints as an image of unknown type and
#' cannot be drawn. An empty object is an error. The [log][rekognition_log] contains no keys and no versions of objects,
#' and messages of S3 contain `<key>` in place of the key, because a key may contain a person's name.
#'
#' @section Where S3 is:
#' Requests are sent to the region of the client. If S3 responds that the bucket is in another region, they are signed for
#' that region and sent there, and the client remembers the region. `use_fips` and `use_dualstack` apply.
#'
#' `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` and the profile (`services`, `endpoint_url`) can set another endpoint, which
#' is used with the bucket in the path of the URL. If none is set, a client of an emulator, or of any other endpoint on this
#' machine, uses its own endpoint for S3, and all other clients use AWS.
#'
#' @section Permissions:
#' The credentials need `s3:GetObject`, or `s3:GetObjectVersion` for an object with a version, and `kms:Decrypt` for the
#' key if a customer managed key encrypts the object. For an object that does not exist, S3 responds with `NoSuchKey`
#' only if they also have `s3:ListBucket`, and otherwise with `AccessDenied`.
#'
#' @param results Results of [liveness_results()], or the list that [rekognition_get_face_liveness_session_results()]
#'   returns.
#' @param svc A client: see [rekognition()]. Default: [rekognition_default()].
#' @param max_active Whole number from 1 to 1,000: maximum number of concurrent requests.
#' @param progress Whether to show a progress bar. It appears only if R is interactive, after a few seconds.
#' @param on_error `"keep"`: if an image cannot be fetched, its row keeps its status and its images, and gets the
#'   condition in the column `error` and its code in `error_code`. `"stop"`: the first error ends the requests and is
#'   raised. If `results` is the list of a session, errors are always raised.
#' @return `results` with the same columns or members, in which each image that was fetched has `Bytes` (raw). Its
#'   `S3Object` stays. If all images of a row have been fetched, the error that an earlier call has put there is removed.
#'
#'   The condition of an image names the session and the image, and has the additional field `object` (string: the
#'   object's URI). It is a `rekognition_service_error` with the code of S3 (`NoSuchKey`, `NoSuchBucket`, `NoSuchVersion`,
#'   `AccessDenied`, ...), or has one of the other classes in [rekognition_conditions].
#'
#' Raises `rekognition_argument_error` for an invalid argument. Errors that concern no single image and occur before the
#' first response (no region, no credentials, an invalid setting) are raised once, whatever the value of `on_error`: as
#' a `rekognition_config_error` or a `rekognition_credentials_error`.
#' @references
#' [GetObject](https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html),
#' [LivenessOutputConfig](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_LivenessOutputConfig.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' settings <- list(OutputConfig = list(S3Bucket = "my-bucket"), AuditImagesLimit = 2)
#' id <- svc$create_face_liveness_session(Settings = settings)$SessionId
#' emulator$check(id)
#'
#' results <- liveness_results(id, svc)
#' results$reference_image[[1]]
#' results <- liveness_images(results, svc)
#' results$reference_image[[1]]
#'
#' # The same with the list of one session.
#' session <- svc$get_face_liveness_session_results(id)
#' length(liveness_images(session, svc)$ReferenceImage$Bytes)
#' emulator$stop()
liveness_images <- function(
  results,
  svc = rekognition_default(),
  max_active = 10,
  progress = interactive(),
  on_error = c("keep", "stop")
) {
  # The client may be made in the call, from keys: conditions do not show the arguments.
  call <- user_call(sys.call(), hide_args = TRUE)
  if (missing(results)) {
    stop_missing("results", call)
  }
  is_session <- is_session_list(results)
  if (is.data.frame(results)) {
    check_columns(results, c("session_id", "reference_image", "audit_images", "error", "error_code"), call)
  } else if (!is_session) {
    message <- gettextf(
      "`%s` must be results, or the list of one session, not %s.",
      "results",
      what_is(results)
    )
    stop_argument("results", message, call)
  }
  check_client(svc, call)
  check_flag(progress, "progress", call)
  on_error <- check_choice(on_error, c("keep", "stop"), "on_error", call)
  spec <- list(
    name = "get_object",
    handle = handle_of(svc),
    options = list(max_active = check_max_active(max_active, call), log_level = log_level(call)),
    progress = progress,
    stop_early = is_session || on_error == "stop",
    call = call
  )
  if (is_session) fill_session(results, spec) else fill_results(results, spec)
}

is_session_list <- function(x) {
  is.list(x) && !is.object(x) && all(c("SessionId", "ReferenceImage", "AuditImages") %in% names(x))
}

fill_session <- function(session, spec) {
  images <- c(list(session$ReferenceImage), session$AuditImages)
  filled <- fill_images(images, image_origins(session$SessionId, session$AuditImages), spec)
  session$ReferenceImage <- filled$images[[1]]
  session$AuditImages[] <- filled$images[-1]
  session
}

fill_results <- function(results, spec) {
  # Data frames of other packages have methods of their own.
  columns <- unclass(results)
  reference <- unclass(columns$reference_image)
  audit <- unclass(columns$audit_images)
  errors <- unclass(columns$error)
  images <- Map(function(reference, audit) c(list(reference), as.list(audit)), reference, audit)
  origins <- Map(image_origins, as.character(columns$session_id), audit)
  filled <- fill_images(do.call(c, c(list(list()), unname(images))), unlist(origins), spec)

  row <- rep(seq_along(images), lengths(images))
  start <- cumsum(c(0, lengths(images)))
  for (i in unique(row[filled$places])) {
    of_row <- start[i] + seq_along(images[[i]])
    reference[i] <- filled$images[of_row[1]]
    # Not a vector of paths.
    if (is.list(audit[[i]])) {
      audit[[i]][] <- filled$images[of_row[-1]]
    }
    error <- Find(Negate(is.null), filled$errors[of_row])
    if (!is.null(error) || is_image_error(errors[[i]])) {
      errors[i] <- list(error)
      columns$error_code[i] <- error_code(error)
    }
  }
  columns$reference_image <- new_column(reference)
  columns$audit_images <- new_column(audit)
  columns$error <- new_column(errors)
  attributes(columns) <- attributes(results)
  columns
}

# The names of a session's images.
image_origins <- function(id, audit) {
  paste0(if (is_string(id)) id, "/", c("reference", audit_names(audit)))
}

is_image_error <- function(error) {
  inherits(error, "rekognition_error") && !is.null(error$object)
}

# The images, those in S3 with their bytes; the places of these; and the errors, in the places of their images.
fill_images <- function(images, origins, spec) {
  objects <- lapply(images, object_to_fetch, spec$call)
  places <- which(lengths(objects) > 0)
  ids <- vapply(objects[places], function(object) paste(c(nchar(object), object), collapse = ":"), "")
  is_first <- !duplicated(ids)
  fetched <- fetch_objects(objects[places[is_first]], origins[places[is_first]], spec)
  values <- fetched[match(ids, ids[is_first])]

  is_error <- vapply(values, is.object, NA)
  done <- places[!is_error]
  images[done] <- Map(with_bytes, images[done], values[!is_error])
  errors <- vector("list", length(images))
  failed <- places[is_error]
  conditions <- row_conditions(values[is_error], spec)
  errors[failed] <- Map(in_image, conditions, objects[failed], origins[failed])
  list(images = images, places = places, errors = errors)
}

with_bytes <- function(image, bytes) {
  image$Bytes <- bytes
  image
}

# Bucket, key and version of an image that has no bytes. NULL if it is not in S3.
object_to_fetch <- function(image, call) {
  if (!is.list(image) || !is.list(image$S3Object) || length(image$Bytes) > 0) {
    return(NULL)
  }
  object <- vapply(
    c(bucket = "Bucket", key = "Name", version = "Version"),
    function(member) {
      value <- image$S3Object[[member]]
      if (is_string(value) && nzchar(value)) check_string(value, "results", call) else NA_character_
    },
    ""
  )
  if (!anyNA(object[c("bucket", "key")])) object
}

# The bytes of each object, or its error.
fetch_objects <- function(objects, origins, spec) {
  values <- vector("list", length(objects))
  if (length(objects) == 0) {
    return(values)
  }
  members <- lapply(
    c(bucket = "bucket", key = "key", version = "version"),
    function(member) vapply(objects, `[[`, "", member)
  )
  start <- function(client) batch_start_objects(client, members, spec$options)
  batch <- value_or_stop(start_on(spec$handle, spec$call, start), spec$call)
  take <- function() {
    taken <- take_values(batch, spec, wait_seconds)
    failed <- if (spec$stop_early) Position(is.object, taken$value)
    if (length(failed) == 1 && !is.na(failed)) {
      place <- taken$index[failed]
      condition <- native_condition(taken$value[[failed]], spec$call)
      stop_condition(in_image(condition, objects[[place]], origins[place]))
    }
    values[taken$index] <<- taken$value
    taken
  }
  drain_batch(batch, spec, take, length(objects), if (spec$progress) gettext("Fetching images"))
  if (any(lengths(values) == 0)) {
    stop_early_end(spec$call)
  }
  values
}

# The condition of an image. Its message does not contain the key of the object.
in_image <- function(condition, object, origin) {
  condition$message <- with_hint(condition$message, gettextf("In the image %s.", clean_text(origin, 100)))
  condition$object <- s3_uri(list(
    Bucket = object[["bucket"]],
    Name = object[["key"]],
    Version = if (!is.na(object[["version"]])) object[["version"]]
  ))
  condition
}
