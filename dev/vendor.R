# Rscript dev/vendor.R FOLDER USED ARCHIVE: prunes the crates that `cargo vendor --versioned-dirs` put into FOLDER to
# those that the file USED names, and packs them. `dev/vendor.sh` calls it.

arguments <- commandArgs(TRUE)
folder <- normalizePath(arguments[1])
used <- readLines(arguments[2])
archive <- normalizePath(arguments[3], mustWork = FALSE)

# What no compilation reads. Texts of licences stay; other texts stay where the source includes them.
useless_folders <- c(
  "tests",
  "test",
  "benches",
  "bench",
  "examples",
  "docs",
  "doc",
  "ci",
  "fuzz",
  ".github",
  "design"
)
useless_files <- "^(Cargo[.](toml[.]orig|lock)|[.].*|.*[.](md|sh|py|pl|yml|yaml|svg|png|txt|adoc|nix)|justfile|Makefile)$"
licence <- "licen[cs]e|copying|notice|authors|copyright|unlicense"

remove <- function(paths) {
  if (unlink(paths, recursive = TRUE, force = TRUE) != 0) {
    stop("cannot remove ", paths)
  }
}

# The names of files that the crate's source includes as text or bytes.
included <- function(crate) {
  sources <- list.files(crate, "[.]rs$", recursive = TRUE, full.names = TRUE)
  text <- unlist(lapply(sources, readLines, warn = FALSE, encoding = "UTF-8"))
  text <- grep("include(_str|_bytes)?!|doc_comment|path *=", text, value = TRUE, useBytes = TRUE)
  basename(gsub('.*"([^"]*)".*', "\\1", grep('"', text, value = TRUE, useBytes = TRUE), useBytes = TRUE))
}

prune <- function(crate) {
  needed <- included(crate)
  entries <- list.files(crate, all.files = TRUE, no.. = TRUE)
  is_folder <- dir.exists(file.path(crate, entries))
  useless <- ifelse(
    is_folder,
    entries %in% useless_folders,
    grepl(useless_files, entries, ignore.case = TRUE) &
      !grepl(licence, entries, ignore.case = TRUE) &
      entries != ".cargo-checksum.json"
  )
  remove(file.path(crate, entries[useless & !entries %in% needed]))
}

# A crate for other platforms: cargo reads its manifest, and rustc never sees it.
stub <- function(crate) {
  entries <- list.files(crate, all.files = TRUE, no.. = TRUE)
  remove(file.path(crate, setdiff(entries, c("Cargo.toml", ".cargo-checksum.json"))))
  manifest <- readLines(file.path(crate, "Cargo.toml"))
  lib <- which(manifest == "[lib]")
  path <- if (length(lib)) {
    grep("^path = ", manifest[lib:length(manifest)], value = TRUE)[1]
  } else {
    'path = "src/lib.rs"'
  }
  path <- file.path(crate, sub('^path = "(.*)"$', "\\1", path))
  dir.create(dirname(path), recursive = TRUE, showWarnings = FALSE)
  file.create(path)
}

# Cargo checks the files that are listed here; the hash of the whole stays, since the lock has it, too.
unlist_files <- function(crate) {
  path <- file.path(crate, ".cargo-checksum.json")
  hash <- regmatches(text <- readLines(path, warn = FALSE), regexpr('"package":"[0-9a-f]{64}"', text))
  stopifnot(length(hash) == 1)
  writeLines(sprintf('{"files":{},%s}', hash), path)
}

crates <- list.files(folder)
stopifnot(all(used %in% crates))
for (crate in crates) {
  path <- file.path(folder, crate)
  if (crate %in% used) {
    prune(path)
  } else {
    stub(path)
  }
  unlist_files(path)
}
# A stack exhaustion in time's parser of this format is mended where a later Rust is needed: nobody may call it.
callers <- setdiff(used, grep("^time-[0-9]", used, value = TRUE))
sources <- list.files(file.path(folder, callers), "[.]rs$", recursive = TRUE, full.names = TRUE)
calls <- vapply(
  sources,
  function(path) any(grepl("Rfc2822", readLines(path, warn = FALSE), fixed = TRUE, useBytes = TRUE)),
  TRUE
)
if (any(calls)) {
  stop("the parser of RFC 2822 dates of time is named in ", sources[calls])
}

message(
  length(used),
  " crates are compiled somewhere, ",
  length(crates) - length(used),
  " are manifests alone"
)

# Windows has 260 characters for a whole path, and R's temporary folders take some 90 of them.
longest <- max(nchar(list.files(folder, recursive = TRUE, all.files = TRUE)))
if (longest > 140) {
  stop("a path of ", longest, " characters is too long for Windows")
}

# The same crates make the same archive.
options <- "--sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w"
status <- system(paste(
  "tar -c",
  options,
  "-C",
  shQuote(dirname(folder)),
  shQuote(basename(folder)),
  "| xz -9e -T1 >",
  shQuote(archive)
))
stopifnot(status == 0)
message(basename(archive), ": ", round(file.size(archive) / 1e6, 2), " MB")
