# Writes files.

# A file is there whole or not at all: it is written under another name first. `content` is raw bytes, or a function
# that is given one to write lines with.
write_whole <- function(content, path, call) {
  complain <- function(e) stop_file(path, gettextf("The file cannot be written: %s.", clean_text(path)), call)
  folder <- dirname(path)
  if (!dir.exists(folder)) {
    dir.create(folder, showWarnings = FALSE, recursive = TRUE, mode = "0700")
  }
  # A link is replaced. A device or a pipe stays: as root, to replace /dev/null would be possible.
  if (value_or_stop(path_kind(path_bytes(path)), call) == "other") {
    complain()
  }
  part <- tempfile(".part-", folder)
  on.exit(unlink(part))
  size <- if (is.raw(content)) {
    tryCatch(writeBin(content, part), error = complain, warning = complain)
    length(content)
  } else {
    write_lines(content, part, complain)
  }
  # What was still in a buffer when the disk got full is missed by nobody else.
  if (!file.size(part) %in% size) {
    complain()
  }
  tryCatch(file.rename(part, path), error = complain, warning = complain)
}

# Bytes as they are, whatever the locale; returns how many.
write_lines <- function(content, path, complain) {
  connection <- tryCatch(file(path, "wb"), error = complain, warning = complain)
  on.exit(close(connection))
  size <- 0
  content(function(lines) {
    # What goes wrong before there are lines is not the file's fault.
    force(lines)
    tryCatch(writeLines(lines, connection, useBytes = TRUE), error = complain, warning = complain)
    size <<- size + sum(nchar(lines, "bytes") + 1)
  })
  size
}
