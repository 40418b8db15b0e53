# Images: the class, its conversions to text and how it prints.

#' Images of a Face Liveness check
#'
#' An image is a list of `Bytes`, `S3Object` and `BoundingBox`, as in the service's response, with the class
#' `liveness_image`. The image columns of [liveness_results()] hold such images. `liveness_image()` creates one from a
#' member of the list that [rekognition_get_face_liveness_session_results()] returns, from a file of up to 50 MB, or from
#' bytes.
#'
#' The type, JPEG or PNG, is detected from the bytes. An image prints on one line: type, size in pixels and kilobytes, the
#' box around the face (left,top widthxheight, as sent by the service), and its origin. The bytes are never printed. An
#' image that the service has stored in an S3 bucket has no bytes; it shows its `s3://` URI. [liveness_images()] fetches it.
#'
#' `plot()` draws the image, the box and a caption. A box that extends beyond the image is drawn in full. Images are read
#' with the packages jpeg and png. A JPEG image is rotated upright by its Exif orientation: boxes refer to the upright
#' image, and so do the printed width and height.
#'
#' @section Units of a box:
#' The service documents boxes as ratios of the width and height of the image, but it has also returned pixels. With
#' `units = "auto"`, a box with a width or height above 1.5 is taken to be in pixels.
#'
#' @param x For `liveness_image()`: a list with any of `Bytes`, `S3Object` and `BoundingBox`, the path of a file, or a raw
#'   vector. The box of a file that [liveness_results()] has saved with `dir` is read from the `results.json` next to it.
#'   For the methods: a `liveness_image`.
#' @return `liveness_image()`: a list of class `liveness_image` with
#'   `Bytes` (raw), `S3Object` (list of the strings `Bucket`, `Name`, `Version`) and `BoundingBox` (list of the numbers
#'   `Width`, `Height`, `Left`, `Top`); missing values have length 0. The attribute `origin` is a string, if the origin
#'   is known: the path, or the session ID and the name of the image, such as `"<id>/audit-1"`.
#'
#'   `as.character()`: the image as a data URI (base64), for HTML; without bytes, its `s3://` URI, or `NA`.
#'   `as.raster()`: the pixels. `plot()`: `x`, invisibly. `format()`: the line that is printed.
#'
#' Raises `rekognition_argument_error` for any other `x`, `rekognition_file_error` for a file that cannot be read, and
#' `rekognition_error` when an image to be drawn has no bytes, cannot be decoded, or has more than 25 million pixels.
#' @references
#' [AuditImage](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_AuditImage.html),
#' [BoundingBox](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_BoundingBox.html),
#' [image orientation](https://docs.aws.amazon.com/rekognition/latest/dg/image-orientation.html)
#' @order 1
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' id <- svc$create_face_liveness_session()$SessionId
#' emulator$check(id)
#'
#' image <- liveness_image(svc$get_face_liveness_session_results(id)$ReferenceImage)
#' image
#' if (requireNamespace("jpeg", quietly = TRUE)) plot(image, caption = "The reference image")
#' substr(as.character(image), 1, 40)
#' emulator$stop()
liveness_image <- function(x) {
  # The call may contain the bytes, which must not be in conditions.
  call <- quote(liveness_image(...))
  if (missing(x)) {
    stop_missing("x", call)
  }
  as_image(x, "x", call)
}

as_image <- function(x, argument, call) {
  if (inherits(x, "liveness_image")) {
    return(x)
  }
  if (is.raw(x)) {
    attributes(x) <- NULL
    return(new_image(list(Bytes = x)))
  }
  if (is_string(x)) {
    return(image_from_file(x, argument, call))
  }
  if (!is.list(x) || is.object(x) || !any(names(x) %in% c("Bytes", "S3Object", "BoundingBox"))) {
    stop_argument(
      argument,
      gettextf(
        "`%s` must be an image, a list with `Bytes`, a path or a raw vector, not %s.",
        argument,
        what_is(x)
      ),
      call
    )
  }
  if (!is.null(x$Bytes) && !is.raw(x$Bytes)) {
    stop_argument(
      argument,
      gettextf("`%s` must be a raw vector, not %s.", paste0(argument, "$Bytes"), what_is(x$Bytes)),
      call
    )
  }
  for (member in c("S3Object", "BoundingBox")) {
    if (!is.null(x[[member]]) && !is.list(x[[member]])) {
      where <- paste0(argument, "$", member)
      stop_argument(argument, gettextf("`%s` must be a list, not %s.", where, what_is(x[[member]])), call)
    }
  }
  new_image(x)
}

# Images of the service are smaller than 5 MB.
max_image_bytes <- 50e6

image_from_file <- function(path, argument, call) {
  path <- check_path(path, argument, call)
  unreadable <- function(...) {
    reason <- if (dir.exists(path)) {
      gettext("it is a folder")
    } else if (!file.exists(path)) {
      gettext("it does not exist")
    } else if (file.size(path) %in% 0) {
      gettext("it is empty")
    }
    message <- gettextf("`%s` is not a readable file: %s", argument, clean_text(path))
    stop_file(path, paste0(message, if (!is.null(reason)) paste0(" (", reason, ")"), "."), call)
  }
  # Reading a pipe or a device could block forever. They have no size.
  size <- file.size(path)
  # Batches do not save links.
  is_saved <- file.exists(file.path(dirname(path), "results.json"))
  is_link <- value_or_stop(path_kind(path_bytes(path)), call) == "link"
  if (!utils::file_test("-f", path) || size %in% c(0, NA) || (is_saved && is_link)) {
    unreadable()
  }
  if (size > max_image_bytes) {
    message <- gettextf(
      "`%s` is larger than the limit of 50 MB for an image file (%s MB): %s.",
      argument,
      format_count(ceiling(size / 1e6)),
      clean_text(path)
    )
    stop_file(path, message, call)
  }
  box <- value_or_stop(saved_bounding_box(path_bytes(path)), call)
  bytes <- tryCatch(readBin(path, "raw", size), error = unreadable, warning = unreadable)
  new_image(list(Bytes = bytes, BoundingBox = box), path)
}

new_image <- function(x, origin = NULL) {
  part <- function(given, names, type) {
    empty <- vector(type, 0)
    parts <- lapply(names, function(name) {
      value <- given[[name]]
      if (typeof(value) == type || (type == "double" && is.numeric(value))) value else empty
    })
    stats::setNames(parts, names)
  }
  structure(
    list(
      Bytes = if (is.null(x$Bytes)) raw(0) else x$Bytes,
      S3Object = part(x$S3Object, c("Bucket", "Name", "Version"), "character"),
      BoundingBox = part(x$BoundingBox, c("Width", "Height", "Left", "Top"), "double")
    ),
    class = "liveness_image",
    origin = origin
  )
}

with_origin <- function(image, origin) {
  if (inherits(image, "liveness_image")) {
    attr(image, "origin") <- origin
  }
  image
}

audit_names <- function(images) {
  sprintf("audit-%d", seq_along(images))
}

# The sides of a box as ratios of the image: left, top, right, bottom. NULL if there is no box.
box_sides <- function(image, units) {
  box <- image$BoundingBox[c("Left", "Top", "Width", "Height")]
  box <- unlist(box)
  if (length(box) != 4 || !all(is.finite(box))) {
    return(NULL)
  }
  if (units == "auto") {
    units <- if (max(box[3:4]) > 1.5) "pixel" else "ratio"
  }
  sides <- c(left = box[[1]], top = box[[2]], right = box[[1]] + box[[3]], bottom = box[[2]] + box[[4]])
  if (units == "ratio") {
    return(sides)
  }
  size <- image_size(image$Bytes)
  if (is.null(size)) NULL else sides / size[c(1, 2, 1, 2)]
}

s3_uri <- function(object) {
  if (length(object$Name) == 1) {
    bucket <- if (length(object$Bucket) == 1) object$Bucket
    version <- if (length(object$Version) == 1) paste0("?versionId=", object$Version)
    paste0("s3://", bucket, "/", object$Name, version)
  }
}

#' @export
format.liveness_image <- function(x, ...) {
  clean_text(paste0("<", paste(describe_image(x, getOption("OutDec")), collapse = ", "), ">"))
}

describe_image <- function(x, decimal) {
  number <- function(x, digits) {
    format(
      round(x, digits),
      trim = TRUE,
      drop0trailing = TRUE,
      decimal.mark = decimal,
      scientific = FALSE
    )
  }
  bytes <- x$Bytes
  size <- image_size(bytes)
  type <- image_type(bytes)
  uri <- s3_uri(x$S3Object)
  content <- if (length(bytes) > 0) {
    name <- if (is.na(type)) gettext("unknown type") else type
    pixels <- if (!is.null(size)) paste0(" ", paste(format_count(size), collapse = "x"))
    c(paste0(name, pixels), paste(number(length(bytes) / 1000, 1), "kB"))
  } else if (is.null(uri)) {
    gettext("no image")
  }
  sides <- unlist(x$BoundingBox[c("Left", "Top", "Width", "Height")])
  face <- if (length(sides) == 4) {
    sides <- number(sides, 3)
    corner <- paste(sides[1:2], collapse = if (decimal == ",") ";" else ",")
    gettextf("face at %s %s", corner, paste0(sides[3], "x", sides[4]))
  }
  c(content, uri, face, attr(x, "origin"))
}

#' @export
print.liveness_image <- function(x, ...) {
  check_print_dots(list(...), character(), quote(print(...)))
  writeLines(format(x))
  invisible(x)
}

#' @export
str.liveness_image <- function(object, ...) {
  cat(" ", format(object), "\n", sep = "")
}

#' @rdname liveness_image
#' @order 2
#' @param ... Not used. Other arguments must be named in full; unknown ones are an error.
#' @export
as.character.liveness_image <- function(x, ...) {
  check_dots(list(...), character(), "as.character()", quote(as.character(...)))
  if (length(x$Bytes) == 0) {
    uri <- s3_uri(x$S3Object)
    return(if (is.null(uri)) NA_character_ else uri)
  }
  type <- switch(image_type(x$Bytes), JPEG = "image/jpeg", PNG = "image/png", "application/octet-stream")
  paste0("data:", type, ";base64,", value_or_stop(encode_base64(x$Bytes), NULL))
}
