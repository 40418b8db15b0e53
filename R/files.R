# Writing of files.

# Writes a file completely or not at all: under a temporary name first. `content` is a raw vector, or a function whose
# argument is a function that writes lines.
write_file <- function(content, path, call) {
  fail <- function(e) stop_file(path, gettextf("Cannot write file %s.", clean_text(path)), call)
  folder <- dirname(path)
  if (!dir.exists(folder)) {
    dir.create(folder, showWarnings = FALSE, recursive = TRUE, mode = "0700")
  }
  # A link is replaced. A device or a pipe is not: root could replace /dev/null.
  if (value_or_stop(path_kind(path_bytes(path)), call) == "other") {
    fail()
  }
  part <- tempfile(".part-", folder)
  on.exit(unlink(part))
  size <- if (is.raw(content)) {
    tryCatch(writeBin(content, part), error = fail, warning = fail)
    length(content)
  } else {
    write_lines(content, part, fail)
  }
  # R does not report that a buffer could not be written to a full disk.
  if (!file.size(part) %in% size) {
    fail()
  }
  tryCatch(file.rename(part, path), error = fail, warning = fail)
}

# Without conversion to the encoding of the locale. Returns the number of bytes.
write_lines <- function(content, path, fail) {
  connection <- tryCatch(file(path, "wb"), error = fail, warning = fail)
  on.exit(close(connection))
  size <- 0
  content(function(lines) {
    # An error while the lines are made is not an error of the file.
    force(lines)
    tryCatch(writeLines(lines, connection, useBytes = TRUE), error = fail, warning = fail)
    size <<- size + sum(nchar(lines, "bytes") + 1)
  })
  size
}
