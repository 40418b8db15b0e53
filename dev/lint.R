# Checks what other tools do not: the lock that ships, the lists of authors and licenses, that versions agree, that
# CONTRIBUTING.md gives a reason for each crate and npm package, that what is written from the service's model is up to date,
# and that no file is too long. `make lint` runs it. With --write it writes the lock and the lists.

write <- "--write" %in% commandArgs(TRUE)
problems <- character()
expect <- function(ok, ...) {
  if (!isTRUE(ok)) problems <<- c(problems, paste0(...))
}

cargo_metadata <- function(manifest, ...) {
  arguments <- c("metadata", "--format-version", "1", "--manifest-path", shQuote(manifest), ...)
  text <- system2("cargo", arguments, stdout = TRUE)
  stopifnot(is.null(attr(text, "status")))
  jsonlite::fromJSON(text, simplifyVector = FALSE)$packages
}

# Holds a file to what it must contain, or writes it.
expect_text <- function(path, text) {
  text <- strsplit(sub("\n+$", "", enc2utf8(paste(text, collapse = "\n"))), "\n", fixed = TRUE)[[1]]
  if (write) {
    writeLines(text, path, useBytes = TRUE)
  } else {
    current <- file.exists(path) && identical(readLines(path, encoding = "UTF-8"), text)
    expect(current, path, " is out of date: run `Rscript dev/lint.R --write`")
  }
}

# src/rust/Cargo.lock is the workspace's lock without what only developers need: cargo itself drops the rest, outside
# the workspace.
shipped_lock <- function() {
  work <- tempfile()
  on.exit(unlink(work, recursive = TRUE))
  dir.create(file.path(work, "src"), recursive = TRUE)
  rust <- file.path(work, "src", "rust")
  dir.create(rust)
  file.copy(
    file.path("src", "rust", c("Cargo.toml", "src", "core", "emulator", "model", "streaming")),
    rust,
    recursive = TRUE
  )
  file.copy("inst", work, recursive = TRUE)
  file.copy("Cargo.lock", rust)
  cargo_metadata(file.path(rust, "Cargo.toml"))
  readLines(file.path(rust, "Cargo.lock"))
}

# The packages of the workspace that are in a lock and come from a registry.
locked_packages <- function(packages, lock) {
  field <- function(name) {
    sub(".* = \"(.*)\"", "\\1", grep(paste0("^", name, " = "), lock[-(1:3)], value = TRUE))
  }
  names(packages) <- vapply(packages, function(p) paste(p$name, p$version), "")
  shipped <- packages[paste(field("name"), field("version"))]
  stopifnot(length(shipped) > 100, !vapply(shipped, is.null, NA))
  Filter(function(p) !is.null(p$source), shipped)
}

# The npm packages in the page of a check, as `dev/page.sh` has listed them.
bundled_packages <- function() {
  packages <- jsonlite::fromJSON("srcjs/bundled.json", simplifyVector = FALSE)
  packages <- lapply(packages, function(p) {
    c(p[c("name", "version", "license", "repository")], list(authors = p$author))
  })
  names(packages) <- vapply(packages, function(p) paste(p$name, p$version), "")
  packages
}

authors_text <- function(crates, npm_packages) {
  entry <- function(p) {
    # Their addresses are in the packages.
    names <- paste(trimws(sub("<[^>]*>", "", unlist(p$authors))), collapse = ", ")
    c(
      paste(p$name, p$version),
      paste("  Authors:", if (length(p$authors)) names else paste("the contributors of", p$name)),
      if (length(p$repository)) paste("  Repository:", p$repository)
    )
  }
  c(
    "The package contains the crates below, compiled or as source. They name these authors. Where a crate names none, its",
    "repository lists the contributors. The license of each crate is in LICENSE.note, and its text in the crate.",
    "",
    unlist(lapply(crates, entry)),
    "",
    "The page of a check (www/liveness) contains these npm packages. Their licenses are in its licenses.txt.",
    "",
    unlist(lapply(npm_packages, entry))
  )
}

licenses_text <- function(crates, npm_packages) {
  by_license <- function(packages) {
    license <- vapply(packages, function(p) gsub(" */ *", " OR ", p$license), "")
    unlist(lapply(sort(unique(license)), function(which) {
      names <- names(packages)[license == which]
      c(strwrap(paste0(which, ": ", paste(names, collapse = ", "), "."), 110, exdent = 2), "")
    }))
  }
  c(
    "rekognition is licensed under the Apache License, version 2.0. It contains the crates below, compiled or as source,",
    "under the licenses that they name; where a crate offers a choice, any of them. Their texts are in the source package,",
    "in src/rust/vendor.tar.xz.",
    "",
    by_license(crates),
    "The page of a check contains the npm packages below, and a face model of @mediapipe/face_detection. Their texts are in",
    "inst/www/liveness/licenses.txt.",
    "",
    by_license(npm_packages)
  )
}

# The lock of npm: each package has a hash, and comes from the registry that npm is set to. The list of bundled packages has
# the versions of the lock.
check_npm <- function(npm_packages) {
  locked <- jsonlite::fromJSON("srcjs/package-lock.json", simplifyVector = FALSE)$packages
  root <- locked[[1]]
  locked <- locked[-1]
  expect(
    all(vapply(locked, function(p) is.character(p$integrity) && is.null(p$resolved), NA)),
    "srcjs/package-lock.json has a package without a hash, or with an address"
  )
  known <- paste(sub(".*node_modules/", "", names(locked)), vapply(locked, function(p) p$version, ""))
  for (name in setdiff(names(npm_packages), known)) {
    expect(FALSE, "srcjs/package-lock.json does not contain ", name, ": run `sh dev/page.sh --write`")
  }
  for (name in c(names(root$dependencies), names(root$devDependencies))) {
    check_reason(name)
  }
}

check_rust_versions <- function(packages, rust) {
  for (package in packages) {
    needed <- package$rust_version
    if (is.null(package$source)) {
      expect(identical(needed, rust), package$name, " has rust-version ", needed, ", DESCRIPTION has ", rust)
    } else if (!is.null(needed)) {
      expect(numeric_version(needed) <= rust, package$name, " ", package$version, " needs Rust ", needed)
    }
  }
  readme <- grep("Rust [0-9.]+ or later", readLines("README.Rmd"), value = TRUE)
  agrees <- length(readme) == 1 && grepl(paste("Rust", rust, "or later"), readme, fixed = TRUE)
  expect(agrees, "README.Rmd: ", toString(readme), ", DESCRIPTION has ", rust)
  # Where the oldest Rust is tested.
  for (path in c(list.files(".github/workflows", full.names = TRUE), "dev/chroot.sh")) {
    lines <- readLines(path)
    found <- regmatches(lines, regexpr("(rust-toolchain@|rust: \"|rustc-)1[.][0-9.]+", lines))
    for (wrong in found[!endsWith(found, rust)]) {
      expect(FALSE, path, ": ", wrong, ", DESCRIPTION has ", rust)
    }
  }
}

check_reason <- function(name) {
  has_reason <- any(grepl(paste0("^[|].*`", name, "`"), readLines("CONTRIBUTING.md")))
  expect(has_reason, "CONTRIBUTING.md gives no reason for ", name)
}

check_reasons <- function(packages) {
  for (package in packages) {
    for (dependency in Filter(function(d) is.null(d$kind), package$dependencies)) {
      if (!startsWith(dependency$name, "rekognition")) {
        check_reason(dependency$name)
      }
    }
  }
}

description <- read.dcf("DESCRIPTION", c("Version", "SystemRequirements"))
rust <- sub(".*rustc >= ([0-9.]+).*", "\\1", description[[1, "SystemRequirements"]])
packages <- cargo_metadata("Cargo.toml", "--locked")
lock <- shipped_lock()
expect_text("src/rust/Cargo.lock", lock)
shipped <- locked_packages(packages, lock)
npm_packages <- bundled_packages()
expect_text("inst/AUTHORS", authors_text(shipped, npm_packages))
expect_text("LICENSE.note", licenses_text(shipped, npm_packages))
check_npm(npm_packages)
check_rust_versions(packages, rust)
# Our own that ship have no source, and are in the lock.
own <- sub(".*\"(.*)\"", "\\1", grep("^name = \"rekognition", lock, value = TRUE))
check_reasons(Filter(function(p) is.null(p$source) && p$name %in% own, packages))

# What is written from the service's model.
expect(system2("python3", c("dev/model.py", "--check")) == 0, "dev/model.py --check")
expect(system2("Rscript", c("--vanilla", "dev/help.R", "--check")) == 0, "dev/help.R --check")

news <- grep("^# rekognition ", readLines("NEWS.md"), value = TRUE)[1]
expect(identical(news, paste("# rekognition", description[[1, "Version"]])), "NEWS.md begins with: ", news)

# Of two functions with one name, the file that is loaded last would replace the other's.
definitions <- unlist(lapply(list.files("R", full.names = TRUE), function(path) {
  lapply(parse(path), function(x) if (is.call(x) && x[[1]] == "<-" && is.name(x[[2]])) as.character(x[[2]]))
}))
for (name in definitions[duplicated(definitions)]) {
  expect(FALSE, "R/ defines ", name, " twice")
}

for (path in system2(
  "git",
  c("ls-files", "'*.R'", "'*.rs'", "'*.js'", "'*.mjs'", "'*.jsx'"),
  stdout = TRUE
)) {
  lines <- length(readLines(path, warn = FALSE))
  expect(lines <= 400, path, " has ", lines, " lines: at most 400 are readable")
}

if (length(problems)) {
  message(paste(problems, collapse = "\n"))
  quit("no", status = 1)
}
