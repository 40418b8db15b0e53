# The list of messages for translators, po/R-rekognition.pot, from the calls of gettext() and its kin in R/. `make docs`
# writes it. With --check, what `make lint` does, it only says whether it is up to date.
#
# tools::update_pkg_po() would write it as well, and an English translation with curly quotes that nobody needs.

is_check <- "--check" %in% commandArgs(TRUE)
file <- file.path("po", "R-rekognition.pot")
# The order of messages is that of file names.
invisible(Sys.setlocale("LC_COLLATE", "C"))
found <- tempfile(fileext = ".pot")
version <- read.dcf("DESCRIPTION", fields = "Version")[[1]]
tools::xgettext2pot(".", found, name = "rekognition", version = version, bugs = NULL)

# A day on which nothing else has changed is no change.
undated <- function(path) {
  grep("^\"POT-Creation-Date:", readLines(path), value = TRUE, invert = TRUE)
}
if (!file.exists(file) || !identical(undated(file), undated(found))) {
  if (is_check) {
    message(file, " is not up to date: run `make docs`.")
    quit("no", 1)
  }
  dir.create("po", showWarnings = FALSE)
  invisible(file.copy(found, file, overwrite = TRUE))
}
