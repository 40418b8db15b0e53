# Writes inst/AUTHORS and LICENSE.note from cargo's metadata of the crates in src/rust/Cargo.lock, which all ship. With
# --check it writes nothing and fails if they are not that.

text <- system2("cargo", c("metadata", "--format-version", "1", "--locked"), stdout = TRUE)
stopifnot(is.null(attr(text, "status")))
packages <- jsonlite::fromJSON(text, simplifyVector = FALSE)$packages
key <- function(name, version) paste(name, version)
names(packages) <- vapply(packages, function(p) key(p$name, p$version), "")

lock <- readLines("src/rust/Cargo.lock")
field <- function(name) {
  sub(".* = \"(.*)\"", "\\1", grep(paste0("^", name, " = "), lock[-(1:3)], value = TRUE))
}
shipped <- packages[key(field("name"), field("version"))]
stopifnot(length(shipped) > 100, !vapply(shipped, is.null, TRUE))
# Our own come from no registry.
shipped <- Filter(function(p) !is.null(p$source), shipped)

licence <- vapply(shipped, function(p) gsub(" */ *", " OR ", p$license), "")
entry <- function(p, ...) {
  lines <- c(
    paste(p$name, p$version),
    ...,
    if (length(p$repository)) paste("Repository:", p$repository)
  )
  paste(c(lines[1], paste0("  ", lines[-1])), collapse = "\n")
}
authors <- function(p) {
  if (length(p$authors)) {
    # Addresses are in the crates.
    paste("Authors:", paste(trimws(sub("<[^>]*>", "", unlist(p$authors))), collapse = ", "))
  } else {
    paste("Authors: the contributors of", p$name)
  }
}

texts <- list(
  "inst/AUTHORS" = c(
    "The package contains, compiled or as source, the crates below. They name these authors; where a crate names none,",
    "its repository tells who contributed. Each crate's licence is in LICENSE.note, and its text in the crate.",
    "",
    vapply(shipped, function(p) entry(p, authors(p)), "")
  ),
  LICENSE.note = c(
    "rekognition is licensed under the Apache License, version 2.0. It contains, compiled or as source, the crates below",
    "under the licences that they name; where a crate leaves a choice, any of them. The source package has their texts,",
    "in src/rust/vendor.tar.xz.",
    "",
    unlist(lapply(sort(unique(licence)), function(which) {
      names <- names(shipped)[licence == which]
      c(strwrap(paste0(which, ": ", paste(names, collapse = ", "), "."), 110, exdent = 2), "")
    }))
  )
)
check <- "--check" %in% commandArgs(TRUE)
for (path in names(texts)) {
  text <- enc2utf8(paste(unname(texts[[path]]), collapse = "\n"))
  text <- sub("\n+$", "", text)
  if (!check) {
    writeLines(text, path, useBytes = TRUE)
  } else {
    new <- strsplit(text, "\n", fixed = TRUE)[[1]]
    if (!file.exists(path) || !identical(readLines(path, encoding = "UTF-8"), new)) {
      message(path, " is out of date: run Rscript dev/licences.R")
      quit("no", status = 1)
    }
  }
}
