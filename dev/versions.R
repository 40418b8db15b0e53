# Fails if a version drifted: the Rust that DESCRIPTION, the manifests, README and the locked crates want, and the
# package's own in DESCRIPTION and NEWS.md; or if CONTRIBUTING.md has no reason for a crate. `make lint` calls it.

problems <- character()
expect <- function(ok, ...) {
  if (!isTRUE(ok)) problems <<- c(problems, paste0(...))
}

description <- read.dcf("DESCRIPTION", c("Version", "SystemRequirements"))
rust <- sub(".*rustc >= ([0-9.]+).*", "\\1", description[[1, "SystemRequirements"]])

metadata <- function(manifest) {
  arguments <- c("metadata", "--format-version", "1", "--locked", "--manifest-path", manifest)
  text <- system2("cargo", arguments, stdout = TRUE)
  stopifnot(is.null(attr(text, "status")))
  jsonlite::fromJSON(text, simplifyVector = FALSE)$packages
}

for (package in metadata("Cargo.toml")) {
  needed <- package$rust_version
  if (is.null(package$source)) {
    expect(identical(needed, rust), package$name, " has rust-version ", needed, ", DESCRIPTION says ", rust)
  } else if (!is.null(needed)) {
    expect(numeric_version(needed) <= rust, package$name, " ", package$version, " needs Rust ", needed)
  }
}

contributing <- readLines("CONTRIBUTING.md")
for (package in metadata("src/rust/Cargo.toml")) {
  if (package$name %in% c("rekognition", "rekognition-core", "rekognition-emulator")) {
    for (dependency in Filter(function(d) is.null(d$kind), package$dependencies)) {
      has_reason <- any(grepl(paste0("^[|].*`", dependency$name, "`"), contributing))
      expect(
        startsWith(dependency$name, "rekognition") || has_reason,
        "CONTRIBUTING.md does not say why ",
        dependency$name
      )
    }
  }
}

readme <- grep("Rust [0-9.]+ or later", readLines("README.Rmd"), value = TRUE)
expect(
  length(readme) == 1 && grepl(paste("Rust", rust, "or later"), readme, fixed = TRUE),
  "README.Rmd: ",
  readme
)

# Where the oldest Rust is tried.
for (path in c(list.files(".github/workflows", full.names = TRUE), "dev/chroot.sh")) {
  lines <- readLines(path)
  found <- regmatches(lines, regexpr("(rust-toolchain@|rust: \"|rustc-)1[.][0-9.]+", lines))
  for (wrong in found[!endsWith(found, rust)]) {
    expect(FALSE, path, ": ", wrong, ", DESCRIPTION says ", rust)
  }
}

news <- grep("^# rekognition ", readLines("NEWS.md"), value = TRUE)[1]
expect(identical(news, paste("# rekognition", description[[1, "Version"]])), "NEWS.md begins with: ", news)

if (length(problems)) {
  message(paste(problems, collapse = "\n"))
  quit("no", status = 1)
}
