# What an emulator responds: the faces that it knows, and responses set by the user.

add_face <- function(server, image, person, bounding_box, call) {
  if (missing(image)) {
    stop_missing("image", call)
  }
  if (missing(person)) {
    stop_missing("person", call)
  }
  if (is.list(image) && !inherits(image, "liveness_image")) {
    image <- unclass(image)
  }
  bytes <- as_image(image, "image", call)$Bytes
  person <- check_string_or_null(person, "person", call)
  if (!is.null(bounding_box)) {
    bounding_box <- check_bounding_box(bounding_box, call)
  }
  if (!emulator_value(emulator_face(server, bytes, person, bounding_box), call)) {
    stop_argument("image", gettextf("`%s` must be a complete JPEG or PNG image.", "image"), call)
  }
  invisible()
}

put_response <- function(server, operation, response, times, status_code, headers, call) {
  if (missing(operation)) {
    stop_missing("operation", call)
  }
  if (missing(response)) {
    stop_missing("response", call)
  }
  operation <- check_emulated_operation(operation, call)
  response <- check_body(response, "response", call)
  if (!identical(times, Inf)) {
    times <- check_times(times, "Inf", call)
  }
  status_code <- check_status_code(status_code, call)
  headers <- check_headers(headers, call)
  if (status_code >= 300) {
    response <- check_json(response, "response", call)
  }
  put <- function(response) {
    emulator_put_response(server, operation, response, times, status_code, headers)
  }
  value <- put(response)
  if (is_foreign_text(value)) {
    value <- put(as_utf8(response, "response", call))
  }
  emulator_value(value, call)
  invisible()
}
