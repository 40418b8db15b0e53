# Secrets in the settings of a client.

# A secret is saved with the settings and never printed.
new_secret <- function(x) {
  force(x)
  structure(list(function() x), class = "rekognition_secret")
}

reveal <- function(x) {
  if (inherits(x, "rekognition_secret")) unclass(x)[[1]]() else x
}

#' @export
format.rekognition_secret <- function(x, ...) {
  "<hidden>"
}

#' @export
print.rekognition_secret <- function(x, ...) {
  check_print_dots(list(...), character(), quote(print(...)))
  cat(format(x), "\n", sep = "")
  invisible(x)
}

#' @export
#' @importFrom utils str
str.rekognition_secret <- function(object, ...) {
  cat(" ", format(object), "\n", sep = "")
}
