# One image: what it is, as text, as pixels, as a data URI.

#' Images of a Face Liveness check
#'
#' An image of a check is a list of `Bytes`, `S3Object` and `BoundingBox`, as the service's, with the class
#' `liveness_image`. The image columns of [liveness_results()] hold such images. `liveness_image()` makes one of
#' what else there is: a member of the list that [rekognition_get_face_liveness_session_results()] returns, a file, or
#' bytes.
#'
#' An image is JPEG or PNG, which is seen from its bytes. It prints in one line: type, size in pixels and bytes, the
#' box around the face (left, top, width x height, as the service gave them), and where it came from. The bytes are
#' never printed. An image that the service has put into a bucket has no bytes; it shows its `s3://` address.
#'
#' `plot()` draws the image, the box, and a caption. A box that is partly outside the picture is drawn as it is. The
#' packages jpeg and png read the images.
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
#' Raises `rekognition_argument_error` for an `x` that is none of these, and `rekognition_error` where there are no
#' bytes to make pixels of, or they cannot be read, or there are more than 25 million pixels.
#' @references
#' [AuditImage](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_AuditImage.html),
#' [BoundingBox](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_BoundingBox.html)
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

image_from_file <- function(path, argument, call) {
  path <- check_path(path, argument, call)
  if (!utils::file_test("-f", path)) {
    stop_argument(argument, gettextf("`%s` is not a file that can be read: %s.", argument, path), call)
  }
  box <- value_or_stop(saved_box(path_bytes(path)), call)
  bytes <- tryCatch(readBin(path, "raw", file.size(path)), error = identity, warning = identity)
  if (!is.raw(bytes)) {
    stop_argument(argument, gettextf("`%s` is not a file that can be read: %s.", argument, path), call)
  }
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

# Width and height in pixels, from the image's header; NULL if it does not say.
image_size <- function(bytes) {
  number <- function(at, n) big_endian(bytes[at + seq_len(n) - 1])
  type <- image_type(bytes)
  if (is.na(type)) {
    return(NULL)
  }
  if (type == "PNG") {
    return(if (length(bytes) >= 24) c(width = number(17, 4), height = number(21, 4)))
  }
  at <- 3
  while (at + 8 <= length(bytes) && bytes[at] == 0xff) {
    marker <- as.integer(bytes[at + 1])
    is_frame <- marker >= 0xc0 && marker <= 0xcf && !marker %in% c(0xc4, 0xc8, 0xcc)
    if (is_frame) {
      return(c(width = number(at + 7, 2), height = number(at + 5, 2)))
    }
    # Any number of 0xff may stand before a marker.
    at <- at + if (marker == 0xff) 1 else 2 + number(at + 2, 2)
  }
  NULL
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
  bytes <- x$Bytes
  size <- image_size(bytes)
  type <- image_type(bytes)
  address <- s3_address(x$S3Object)
  what <- if (length(bytes) > 0) {
    kind <- if (is.na(type)) gettext("unknown type") else type
    pixels <- if (!is.null(size)) paste0(" ", size[1], "x", size[2])
    paste0(kind, pixels, ", ", format(round(length(bytes) / 1000, 1)), " kB")
  } else if (is.null(address)) {
    gettext("no image")
  }
  sides <- unlist(x$BoundingBox[c("Left", "Top", "Width", "Height")])
  face <- if (length(sides) == 4) {
    sides <- format(round(sides, 3), trim = TRUE, drop0trailing = TRUE)
    corner <- paste0(sides[1], ",", sides[2])
    gettextf("face at %s %s", corner, paste0(sides[3], "x", sides[4]))
  }
  clean_text(paste0("<", paste(c(what, address, face, attr(x, "origin")), collapse = ", "), ">"))
}

#' @export
print.liveness_image <- function(x, ...) {
  writeLines(format(x))
  invisible(x)
}

#' @export
str.liveness_image <- function(object, ...) {
  cat(" ", format(object), "\n", sep = "")
}

#' @rdname liveness_image
#' @param ... Not used.
#' @export
as.character.liveness_image <- function(x, ...) {
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
  as_picture(x, quote(as.raster(...)))
}

# Whether all chunks are there, to the last. png 0.1-8 reads on behind the end of one that is not, and R with it is gone.
is_whole_png <- function(bytes) {
  at <- 9
  while (at + 11 <= length(bytes)) {
    is_last <- identical(bytes[at + 4:7], charToRaw("IEND"))
    at <- at + 12 + big_endian(bytes[at + 0:3])
    if (is_last) {
      return(at - 1 <= length(bytes))
    }
  }
  FALSE
}

big_endian <- function(bytes) {
  sum(as.integer(bytes) * 256^(rev(seq_along(bytes)) - 1))
}

most_pixels <- 25e6

as_picture <- function(image, call) {
  bytes <- image$Bytes
  if (length(bytes) == 0) {
    address <- s3_address(image$S3Object)
    message <- if (is.null(address)) {
      gettext("The image has no bytes.")
    } else {
      gettextf("The image has no bytes: it is at %s.", address)
    }
    stop_plain(message, call)
  }
  type <- image_type(bytes)
  if (is.na(type)) {
    stop_plain(gettext("The image is neither JPEG nor PNG."), call)
  }
  package <- tolower(type)
  check_installed(
    package,
    gettextf(
      "The package %s is needed to read %s images: %s.",
      package,
      type,
      paste0("install.packages(\"", package, "\")")
    ),
    call
  )
  size <- image_size(bytes)
  if (is.null(size)) {
    stop_plain(gettextf("The %s image cannot be read: it does not say its size.", type), call)
  }
  # A few kilobytes can claim to be gigabytes of pixels.
  if (prod(size) > most_pixels) {
    stop_plain(
      gettextf(
        "The %s image is not read: %s pixels are more than an image of a check has.",
        type,
        paste(size, collapse = " x ")
      ),
      call
    )
  }
  if (type == "PNG" && !is_whole_png(bytes)) {
    stop_plain(gettextf("The %s image cannot be read: it is cut off.", "PNG"), call)
  }
  pixels <- tryCatch(
    if (type == "PNG") png::readPNG(bytes) else jpeg::readJPEG(bytes),
    error = function(e) {
      stop_plain(gettextf("The %s image cannot be read: %s", type, conditionMessage(e)), call)
    }
  )
  # Grey with alpha, which as.raster() does not know.
  if (length(dim(pixels)) == 3 && dim(pixels)[3] == 2) {
    pixels <- pixels[,, c(1, 1, 1, 2)]
  }
  grDevices::as.raster(pixels)
}
