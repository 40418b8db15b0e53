# Images as inputs of operations.

#' Images for operations
#'
#' `rekognition_image()` makes the `Image` of operations such as [rekognition_detect_faces()] and
#' [rekognition_compare_faces()] from a file, from bytes, from an image of a result, or from the URI of an object in S3.
#'
#' A file is read at once, and is an error above 50 MB. The service accepts JPEG and PNG images of up to 5 MB, and larger
#' ones in S3. Its own limits are not checked.
#'
#' An image prints on one line: type, size in pixels and kilobytes, and path; or the URI. The bytes are never printed. It
#' is also a [liveness_image], without a box: `plot()`, `as.raster()`, `as.character()` and [liveness_save()] accept it.
#'
#' An image of a Face Liveness result does not need `rekognition_image()`: operations accept it as it is, and ignore its
#' box. But if the result has no image, `rekognition_image()` says so before anything is sent.
#'
#' @param x One of
#'   - a string: the path of a file, or, if it begins with `s3://`, the URI of an object, such as `"s3://bucket/key"` or
#'     `"s3://bucket/key?versionId=version"`. The key is not decoded: it may contain spaces and `%`;
#'   - a raw vector: the bytes of a file;
#'   - an image of a result (a list with `Bytes` or `S3Object`), or a [liveness_image].
#' @return A list of class `rekognition_image` and `liveness_image` with `Bytes` (raw) and `S3Object` (list of the strings
#'   `Bucket`, `Name` and `Version`), one of which has a value. Missing values have length 0.
#'
#' Raises `rekognition_argument_error` for any other `x` and for an image without bytes or object, and
#' `rekognition_file_error` for a file that cannot be read.
#' @references
#' [Image](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_Image.html),
#' [images in S3](https://docs.aws.amazon.com/rekognition/latest/dg/images-s3.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' image <- rekognition_image(system.file("extdata", "face-0.jpg", package = "rekognition"))
#' image
#' faces <- svc$detect_faces(image)
#' faces$FaceDetails[[1]]$Confidence
#' emulator$stop()
#'
#' rekognition_image("s3://my-bucket/people/1.jpg")
rekognition_image <- function(x) {
  # The call may contain the bytes, which must not be in conditions.
  call <- quote(rekognition_image(...))
  if (missing(x)) {
    stop_missing("x", call)
  }
  if (inherits(x, "rekognition_image")) {
    return(x)
  }
  image <- if (is_string(x) && startsWith(x, "s3://")) {
    new_image(list(S3Object = s3_object(x, "x", call)))
  } else {
    as_image(x, "x", call)
  }
  if (length(image$Bytes) == 0 && is.null(s3_uri(image$S3Object))) {
    stop_argument("x", gettextf("`%s` has neither bytes nor an S3 object.", "x"), call)
  }
  structure(
    list(Bytes = image$Bytes, S3Object = image$S3Object),
    class = c("rekognition_image", "liveness_image"),
    origin = attr(image, "origin")
  )
}

# The parts of a URI, as s3_uri() writes it.
s3_object <- function(uri, argument, call) {
  uri <- check_string(uri, argument, call)
  pattern <- "(?s)^s3://([^/]+)/(.+?)(?:\\?versionId=(.+))?$"
  parts <- regmatches(uri, regexec(pattern, uri, perl = TRUE))[[1]]
  if (length(parts) == 0) {
    message <- gettextf(
      "`%s` must be a URI such as \"s3://bucket/key\", not \"%s\".",
      argument,
      clean_text(uri)
    )
    stop_argument(argument, message, call)
  }
  list(Bucket = parts[2], Name = parts[3], Version = if (nzchar(parts[4])) parts[4])
}
