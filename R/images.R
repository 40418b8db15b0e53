# One image: what it is, as text, as pixels, as a data URI.

#' Images of a Face Liveness check
#'
#' An image of a check is a list of `Bytes`, `S3Object` and `BoundingBox`, as the service's, with the class
#' `liveness_image`. The image columns of [liveness_results()] hold such images. `liveness_image()` makes one of
#' what else there is: a member of the list that [rekognition_get_face_liveness_session_results()] returns, a file, or
#' bytes. A file has at most 50 MB.
#'
#' An image is JPEG or PNG, which is seen from its bytes. It prints in one line: type, size in pixels and bytes, the
#' box around the face (left, top, width x height, as the service gave them), and where it came from. The bytes are
#' never printed. An image that the service has put into a bucket has no bytes; it shows its `s3://` address.
#'
#' `plot()` draws the image, the box, and a caption. A box that is partly outside the picture is drawn as it is. The
#' packages jpeg and png read the images. If a JPEG file says in its Exif data how the camera was held, the image is
#' turned upright: boxes refer to the upright image, and so do the width and height that are printed.
#'
#' @section Units of a box:
#' The service documents boxes as ratios of the picture's width and height, and has been seen to send pixels. With
#' `units = "auto"` a box that is more than 1.5 wide or high counts as pixels.
#'
#' @param x For `liveness_image()`: a list with `Bytes`, `S3Object` and `BoundingBox` (all can be missing), the path of
#'   a file, or a raw vector. A file that [liveness_results()] has written with `dir` has its box in `results.json`
#'   beside it. For the methods: a `liveness_image`.
#' @return `liveness_image()`: a list of class `liveness_image` with
#'   `Bytes` (raw), `S3Object` (list of the strings `Bucket`, `Name`, `Version`) and `BoundingBox` (list of the numbers
#'   `Width`, `Height`, `Left`, `Top`); what is missing has length 0. The attribute `origin` is a string: the path, or
#'   the session's id and the image's name, such as `"<id>/audit-1"`; it is missing if nobody knows.
#'
#'   `as.character()`: the image as a data URI (base64), for HTML; the `s3://` address if it has no bytes; `NA` if it has
#'   neither. `as.raster()`: the pixels. `plot()`: `x`, invisibly. `format()`: the line that is printed.
#'
#' Raises `rekognition_argument_error` for an `x` that is none of these, `rekognition_file_error` for a file that cannot
#' be read, and `rekognition_error` where there are no bytes to make pixels of, or they cannot be read, or there are
#' more than 25 million pixels.
#' @references
#' [AuditImage](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_AuditImage.html),
#' [BoundingBox](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_BoundingBox.html),
#' [image orientation](https://docs.aws.amazon.com/rekognition/latest/dg/image-orientation.html)
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
  # The bytes may be in the call: they are not shown in conditions.
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
        "`%s` must be an image, a list with `Bytes`, a path or raw bytes, not %s.",
        argument,
        what_is(x)
      ),
      call
    )
  }
  if (!is.null(x$Bytes) && !is.raw(x$Bytes)) {
    stop_argument(
      argument,
      gettextf("`%s` must be raw bytes, not %s.", paste0(argument, "$Bytes"), what_is(x$Bytes)),
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

# Images of the service have less than 5 MB.
most_bytes <- 50e6

image_from_file <- function(path, argument, call) {
  path <- check_path(path, argument, call)
  unreadable <- function(...) {
    message <- gettextf("`%s` is not a file that can be read: %s.", argument, clean_text(path))
    stop_file(path, message, call)
  }
  # Pipes and devices have no size: to read them could take for ever.
  size <- file.size(path)
  # What a batch has saved is no link.
  is_saved <- file.exists(file.path(dirname(path), "results.json"))
  is_link <- value_or_stop(path_kind(path_bytes(path)), call) == "link"
  if (!utils::file_test("-f", path) || size %in% c(0, NA) || (is_saved && is_link)) {
    unreadable()
  }
  if (size > most_bytes) {
    message <- gettextf(
      "`%s` is a file of %s MB, more than an image has: %s.",
      argument,
      whole(ceiling(size / 1e6)),
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

# Images know where they came from.
with_origin <- function(image, origin) {
  if (inherits(image, "liveness_image")) {
    attr(image, "origin") <- origin
  }
  image
}

image_type <- function(bytes) {
  starts_with <- function(signature) identical(utils::head(bytes, length(signature)), as.raw(signature))
  if (starts_with(c(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a))) {
    "PNG"
  } else if (starts_with(c(0xff, 0xd8, 0xff))) {
    "JPEG"
  } else {
    NA_character_
  }
}

# Width and height in pixels of the upright image, from its header; NULL if it does not say.
image_size <- function(bytes) {
  type <- image_type(bytes)
  if (is.na(type)) {
    return(NULL)
  }
  if (type == "PNG") {
    number <- function(at) big_endian(bytes[at + 0:3])
    return(if (length(bytes) >= 24) c(width = number(17), height = number(21)))
  }
  header <- jpeg_header(bytes)
  if (is.null(header$size) || header$orientation < 5) {
    header$size
  } else {
    c(width = header$size[[2]], height = header$size[[1]])
  }
}

# The sides of a box as ratios of the picture: left, top, right, bottom. NULL if there is no box.
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

s3_address <- function(object) {
  if (length(object$Name) == 1) {
    bucket <- if (length(object$Bucket) == 1) object$Bucket
    version <- if (length(object$Version) == 1) paste0("?versionId=", object$Version)
    paste0("s3://", bucket, "/", object$Name, version)
  }
}

#' @export
format.liveness_image <- function(x, ...) {
  clean_text(paste0("<", paste(image_parts(x, getOption("OutDec")), collapse = ", "), ">"))
}

image_parts <- function(x, decimal) {
  number <- function(x, digits) {
    text <- format(
      round(x, digits),
      trim = TRUE,
      drop0trailing = TRUE,
      decimal.mark = decimal,
      scientific = FALSE
    )
    text
  }
  bytes <- x$Bytes
  size <- image_size(bytes)
  type <- image_type(bytes)
  address <- s3_address(x$S3Object)
  what <- if (length(bytes) > 0) {
    kind <- if (is.na(type)) gettext("unknown type") else type
    pixels <- if (!is.null(size)) paste0(" ", paste(whole(size), collapse = "x"))
    c(paste0(kind, pixels), paste(number(length(bytes) / 1000, 1), "kB"))
  } else if (is.null(address)) {
    gettext("no image")
  }
  sides <- unlist(x$BoundingBox[c("Left", "Top", "Width", "Height")])
  face <- if (length(sides) == 4) {
    sides <- number(sides, 3)
    corner <- paste(sides[1:2], collapse = if (decimal == ",") ";" else ",")
    gettextf("face at %s %s", corner, paste0(sides[3], "x", sides[4]))
  }
  c(what, address, face, attr(x, "origin"))
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
#' @param ... None: arguments that a method does not have are an error.
#' @export
as.character.liveness_image <- function(x, ...) {
  check_dots(list(...), character(), "as.character()", quote(as.character(...)))
  if (length(x$Bytes) == 0) {
    address <- s3_address(x$S3Object)
    return(if (is.null(address)) NA_character_ else address)
  }
  type <- switch(image_type(x$Bytes), JPEG = "image/jpeg", PNG = "image/png", "application/octet-stream")
  paste0("data:", type, ";base64,", value_or_stop(encode_base64(x$Bytes), NULL))
}

#' @rdname liveness_image
#' @importFrom grDevices as.raster
#' @export
as.raster.liveness_image <- function(x, ...) {
  check_dots(list(...), character(), "as.raster()", quote(as.raster(...)))
  as_picture(x, quote(as.raster(...)))
}
