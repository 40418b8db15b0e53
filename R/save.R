# Images into files.

#' Save images in files
#'
#' Writes the images of results into a folder, as `<session id>/reference.jpg`, `audit-1.jpg` and so on: the names that
#' [liveness_results()] gives them with `dir`. The extension is `.jpg` or `.png`, by content. Files and folders are for
#' the owner alone (0600, 0700 where the system has such a thing), and appear whole or not at all. A file that is
#' there is replaced.
#'
#' Images that the service has put into a bucket have no bytes, and are not written.
#'
#' @param x Results of [liveness_results()]; the list that [rekognition_get_face_liveness_session_results()] returns; a
#'   [liveness_image()]; or a list of such images. An image that does not know where it came from is saved as
#'   `image-1.jpg` and so on, by its place.
#' @param dir Path of a folder; made if it is not there.
#' @return The paths of the files that were written, invisibly.
#'
#' Raises `rekognition_argument_error` for a bad argument, among them a session id that cannot be the name of a folder,
#' and `rekognition_file_error` for a file that cannot be written.
#' @references
#' [AuditImage](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_AuditImage.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 2))$SessionId
#' emulator$check(id)
#'
#' dir <- file.path(tempdir(), "images")
#' liveness_save(svc$get_face_liveness_session_results(id), dir)
#' list.files(dir, recursive = TRUE)
#' emulator$stop()
liveness_save <- function(x, dir) {
  # The bytes may be in the call: they are not shown in conditions.
  call <- quote(liveness_save(...))
  if (missing(x)) {
    stop_missing("x", call)
  }
  if (missing(dir)) {
    stop_missing("dir", call)
  }
  images <- images_of(x, call)
  dir <- check_path(dir, "dir", call)
  stems <- vapply(seq_along(images), function(i) file_stem(images[[i]], i), "")
  has_bytes <- vapply(images, function(image) length(image$Bytes) > 0, NA)
  images <- images[has_bytes]
  stems <- stems[has_bytes]
  good <- grepl("^([A-Za-z0-9][A-Za-z0-9_.-]{0,199}/)?[A-Za-z0-9-]+$", stems)
  if (!all(good)) {
    stop_argument(
      "x",
      gettextf("The session id of %s cannot be the name of a folder.", stems[!good][1]),
      call
    )
  }
  # For the owner alone from the first moment.
  mask <- Sys.umask("077")
  on.exit(Sys.umask(mask))
  paths <- character()
  for (i in seq_along(images)) {
    extension <- if (image_type(images[[i]]$Bytes) %in% "PNG") "png" else "jpg"
    path <- file.path(dir, paste0(stems[i], ".", extension))
    # A session's folder that leads elsewhere was not made by this package.
    if (dirname(path) != dir && !Sys.readlink(dirname(path)) %in% c("", NA)) {
      stop_file(path, gettextf("The file cannot be written: %s.", clean_text(path)), call)
    }
    write_whole(images[[i]]$Bytes, path, call)
    paths <- c(paths, path)
  }
  invisible(paths)
}

images_of <- function(x, call) {
  if (is.data.frame(x)) {
    check_columns(x, c("session_id", "reference_image", "audit_images"), call)
    of_row <- function(i) {
      images_of_session(x$session_id[i], x$reference_image[[i]], x$audit_images[[i]], call)
    }
    return(do.call(c, c(list(list()), lapply(seq_len(nrow(x)), of_row))))
  }
  if (is.list(x) && !is.object(x) && all(c("SessionId", "ReferenceImage", "AuditImages") %in% names(x))) {
    return(images_of_session(x$SessionId, x$ReferenceImage, x$AuditImages, call))
  }
  if (inherits(x, "liveness_image") || is.character(x) || is.raw(x)) {
    x <- list(x)
  }
  if (!is.list(x) || (is.object(x) && !inherits(x, "liveness_column"))) {
    stop_argument("x", gettextf("`x` must be results or images, not %s.", what_is(x)), call)
  }
  x <- unclass(x)
  # A column of audit images has a list for each session.
  nested <- vapply(x, function(item) is.list(item) && !is.object(item) && is.null(names(item)), NA)
  x <- do.call(c, c(list(list()), Map(function(item, nested) if (nested) item else list(item), x, nested)))
  lapply(Filter(Negate(is.null), x), as_image, "x", call)
}

images_of_session <- function(id, reference, audit, call) {
  images <- c(if (!is.null(reference)) list(reference), as.list(audit))
  names <- c(if (!is.null(reference)) "reference", audit_names(audit))
  Map(function(image, name) with_stem(as_image(image, "x", call), id, name), images, names)
}

# An image and what its file is to be called, without the extension.
with_stem <- function(image, session_id, name) {
  if (length(session_id) == 1) {
    attr(image, "stem") <- paste0(if (!is.na(session_id)) session_id, "/", name)
  }
  image
}

# An image that is by itself may know the session that it came from. Otherwise its place has to do.
file_stem <- function(image, i) {
  known <- c(
    attr(image, "stem"),
    grep("^[^/\\]+/(reference|audit-[0-9]+)$", attr(image, "origin"), value = TRUE)
  )
  c(known, sprintf("image-%d", i))[1]
}
