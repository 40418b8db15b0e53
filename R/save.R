# Saving of images in files.

#' Save images in files
#'
#' Writes the images of results to a folder as `<session ID>/reference.jpg`, `audit-1.jpg` and so on, the same names as
#' with `dir` in [liveness_results()]. The extension is `.jpg` or `.png`, depending on the content. Only the owner can
#' read the files and folders (modes 0600 and 0700, where the system supports them). Each file is written completely or
#' not at all. Existing files are replaced.
#'
#' Images that the service has stored in an S3 bucket have no bytes and are not saved: fetch them first, with
#' [liveness_images()]. In the folder of [liveness_results()], [liveness_read()] then finds them.
#'
#' @param x Results of [liveness_results()]; the list that [rekognition_get_face_liveness_session_results()] returns; a
#'   [liveness_image()]; or a list of such images. An image of unknown origin is saved as `image-1.jpg` and so on, by its
#'   position.
#' @param dir Path of a folder, which is created if it does not exist.
#' @return The paths of the saved files, invisibly.
#'
#' Raises `rekognition_argument_error` for an invalid argument, including a session ID that is not usable as a folder name,
#' and `rekognition_file_error` if a file cannot be written.
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
  # The call may contain the bytes, which must not be in conditions.
  call <- quote(liveness_save(...))
  if (missing(x)) {
    stop_missing("x", call)
  }
  if (missing(dir)) {
    stop_missing("dir", call)
  }
  images <- collect_images(x, call)
  dir <- check_path(dir, "dir", call)
  stems <- vapply(seq_along(images), function(i) file_stem(images[[i]], i), "")
  has_bytes <- vapply(images, function(image) length(image$Bytes) > 0, NA)
  images <- images[has_bytes]
  stems <- stems[has_bytes]
  is_valid <- grepl("^([A-Za-z0-9][A-Za-z0-9_.-]{0,199}/)?[A-Za-z0-9-]+$", stems)
  if (!all(is_valid)) {
    stop_argument(
      "x",
      gettextf(
        "The session ID \"%s\" cannot be used as a folder name.",
        clean_text(sub("/[^/]*$", "", stems[!is_valid][1]))
      ),
      call
    )
  }
  # Readable by the owner only, from the moment of creation.
  mask <- Sys.umask("077")
  on.exit(Sys.umask(mask))
  paths <- character()
  for (i in seq_along(images)) {
    extension <- if (image_type(images[[i]]$Bytes) %in% "PNG") "png" else "jpg"
    path <- file.path(dir, paste0(stems[i], ".", extension))
    # A folder of a session that is a link was not created by this package.
    if (dirname(path) != dir && !Sys.readlink(dirname(path)) %in% c("", NA)) {
      stop_file(path, gettextf("Cannot write file %s: its folder is a link.", clean_text(path)), call)
    }
    write_file(images[[i]]$Bytes, path, call)
    paths <- c(paths, path)
  }
  invisible(paths)
}

collect_images <- function(x, call) {
  if (is.data.frame(x)) {
    check_columns(x, c("session_id", "reference_image", "audit_images"), call)
    of_row <- function(i) {
      session_images(x$session_id[i], x$reference_image[[i]], x$audit_images[[i]], call)
    }
    return(do.call(c, c(list(list()), lapply(seq_len(nrow(x)), of_row))))
  }
  if (is.list(x) && !is.object(x) && all(c("SessionId", "ReferenceImage", "AuditImages") %in% names(x))) {
    return(session_images(x$SessionId, x$ReferenceImage, x$AuditImages, call))
  }
  if (inherits(x, "liveness_image") || is.character(x) || is.raw(x)) {
    x <- list(x)
  }
  if (!is.list(x) || (is.object(x) && !inherits(x, "liveness_column"))) {
    stop_argument("x", gettextf("`x` must be results or images, not %s.", what_is(x)), call)
  }
  x <- unclass(x)
  # A column of audit images is a list of lists.
  nested <- vapply(x, function(item) is.list(item) && !is.object(item) && is.null(names(item)), NA)
  x <- do.call(c, c(list(list()), Map(function(item, nested) if (nested) item else list(item), x, nested)))
  lapply(Filter(Negate(is.null), x), as_image, "x", call)
}

session_images <- function(id, reference, audit, call) {
  images <- c(if (!is.null(reference)) list(reference), as.list(audit))
  names <- c(if (!is.null(reference)) "reference", audit_names(audit))
  Map(function(image, name) with_file_stem(as_image(image, "x", call), id, name), images, names)
}

# The image with the name of its file, without the extension.
with_file_stem <- function(image, session_id, name) {
  if (length(session_id) == 1) {
    attr(image, "stem") <- paste0(if (!is.na(session_id)) session_id, "/", name)
  }
  image
}

# A single image may have the session in its origin. Otherwise it is named by its position.
file_stem <- function(image, i) {
  known <- c(
    attr(image, "stem"),
    grep("^[^/\\]+/(reference|audit-[0-9]+)$", attr(image, "origin"), value = TRUE)
  )
  c(known, sprintf("image-%d", i))[1]
}
