# Images in S3.

# Sessions whose images are in a bucket.
sessions_in_s3 <- function(emulator, svc, n = 1, bucket = "faces") {
  settings <- list(OutputConfig = list(S3Bucket = bucket), AuditImagesLimit = 2)
  checked_sessions(emulator, svc, n, Settings = settings)
}

# The images of a result, without those that it does not have.
images_of <- function(results) {
  c(Filter(Negate(is.null), unclass(results$reference_image)), unlist(unclass(results$audit_images), FALSE))
}

sizes_of <- function(results) {
  vapply(images_of(results), function(image) length(image$Bytes), 0L)
}

without_bytes <- function(results) {
  strip <- function(image) {
    if (is.list(image)) {
      image$Bytes <- raw(0)
    }
    image
  }
  results$reference_image[] <- lapply(results$reference_image, strip)
  results$audit_images[] <- lapply(results$audit_images, lapply, strip)
  results
}

# The results with another key in one of the reference images.
with_key <- function(results, row, key) {
  reference <- unclass(results$reference_image)
  reference[[row]]$S3Object$Name <- key
  results$reference_image[] <- reference
  results
}

# The number of requests for objects.
object_requests <- function(emulator) {
  sum(emulator$requests()$operation %in% "GetObject")
}

# S3 of s3_server.py with these objects: a list of `url` and `requests()`. The client finds it by the environment.
local_s3 <- function(objects, frame = parent.frame()) {
  withr::local_envvar(LD_LIBRARY_PATH = NA)
  file <- withr::local_tempfile(.local_envir = frame)
  log <- withr::local_tempfile(.local_envir = frame)
  writeBin(
    charToRaw(enc2utf8(as.character(jsonlite::toJSON(objects, auto_unbox = TRUE, null = "null")))),
    file
  )
  python <- callr::process$new(
    Sys.getenv("REKOGNITION_BOTO3_PYTHON"),
    c(test_path("s3_server.py"), file, log),
    stdin = "|",
    stdout = "|",
    stderr = ""
  )
  withr::defer(python$kill(), frame)
  url <- character()
  while (length(url) == 0 && python$is_alive()) {
    python$poll_io(1000)
    url <- python$read_output_lines(1)
  }
  expect_length(url, 1)
  withr::local_envvar(AWS_ENDPOINT_URL_S3 = url, .local_envir = frame)
  list(
    requests = function(of) {
      lines <- grep(paste0("^", of, " "), readLines(log, encoding = "UTF-8"), value = TRUE)
      sub("^[^ ]+ ", "", lines)
    }
  )
}
