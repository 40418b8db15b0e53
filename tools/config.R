# Run by configure and configure.win: finds cargo and rustc, prints their versions, unpacks the crates if the package
# contains them, and writes src/Makevars or src/Makevars.win.

windows <- .Platform$OS.type == "windows"

# An R that was started by a desktop or a server may not have rustup's folder on its PATH.
home <- if (windows) Sys.getenv("USERPROFILE") else path.expand("~")
cargo_homes <- c(Sys.getenv("CARGO_HOME"), if (nzchar(home)) file.path(home, ".cargo"))
own_path <- Sys.getenv("PATH")
folders <- c(
  strsplit(own_path, .Platform$path.sep, fixed = TRUE)[[1]],
  file.path(cargo_homes[nzchar(cargo_homes)], "bin")
)

slashes <- function(path) gsub("\\", "/", path, fixed = TRUE)

# All programs of this name on the path, in order.
programs <- function(name) {
  on.exit(Sys.setenv(PATH = own_path))
  paths <- vapply(
    seq_along(folders),
    function(i) {
      Sys.setenv(PATH = paste(folders[i:length(folders)], collapse = .Platform$path.sep))
      Sys.which(name)[[1]]
    },
    ""
  )
  unique(slashes(paths[nzchar(paths)]))
}

# The lines that a program prints to both streams, and whether it succeeds.
run <- function(program, arguments) {
  lines <- suppressWarnings(tryCatch(
    system2(program, arguments, stdout = TRUE, stderr = TRUE),
    error = function(e) structure(conditionMessage(e), status = 1L)
  ))
  list(lines = as.character(lines), succeeded = is.null(attr(lines, "status")))
}

# A program, the line with its version, and everything that it prints.
examine <- function(path, name) {
  result <- if (nzchar(path)) run(path, "--version") else list(succeeded = FALSE)
  pattern <- paste0("^", name, " ([0-9]+[.][0-9]+[.][0-9]+).*")
  line <- if (result$succeeded) grep(pattern, result$lines, value = TRUE, useBytes = TRUE)
  list(
    name = name,
    path = path,
    printed = result$lines,
    succeeded = result$succeeded,
    line = line[1],
    version = if (length(line) > 0) numeric_version(sub(pattern, "\\1", line[1], useBytes = TRUE))
  )
}

needed <- read.dcf("DESCRIPTION", "SystemRequirements")[1]
needed <- numeric_version(sub(".*rustc >= ([0-9.]+).*", "\\1", gsub("\\s+", " ", needed)))
new_enough <- function(program) !is.null(program$version) && program$version >= needed

# Ubuntu has newer versions besides its default, named cargo-1.85 and rustc-1.85.
suffixes <- grep("^cargo-1[.][0-9]+$", unlist(lapply(folders, list.files)), value = TRUE)
suffixes <- unique(sub("cargo", "", suffixes, fixed = TRUE))
suffixes <- suffixes[order(numeric_version(sub("-", "", suffixes)), decreasing = TRUE)]
rustc_of_user <- Sys.getenv("RUSTC")

# The first cargo and rustc that are new enough, or else the first ones. rustc is taken from the folder of its cargo,
# because an older one may come before it on the path.
choose <- function() {
  first <- NULL
  for (suffix in c("", suffixes)) {
    cargos <- programs(paste0("cargo", suffix))
    rustcs <- if (nzchar(rustc_of_user)) rustc_of_user else programs(paste0("rustc", suffix))
    for (cargo in c(cargos, if (length(cargos) == 0) "")) {
      rustc <- c(rustcs[dirname(rustcs) == dirname(cargo)], rustcs, "")[1]
      found <- list(cargo = examine(cargo, "cargo"), rustc = examine(rustc, "rustc"))
      if (new_enough(found$cargo) && new_enough(found$rustc)) {
        return(found)
      }
      if (is.null(first)) {
        first <- found
      }
    }
  }
  first
}

stop_here <- function(...) {
  message(
    "------------------------- Rust is needed -------------------------\n",
    ...,
    "\n",
    "------------------------------------------------------------------"
  )
  quit("no", status = 1)
}

# The first lines that a program prints, without colors, control characters and the stack trace.
excerpt <- function(lines) {
  lines <- iconv(iconv(lines, "UTF-8", "UTF-8", "byte"), "UTF-8", "ASCII", "Unicode")
  lines <- gsub("[[:cntrl:]]", " ", gsub("\033\\[[0-9;]*[A-Za-z]", "", lines))
  lines <- lines[cumsum(grepl("^Stack backtrace", lines)) == 0 & grepl("[^ ]", lines)]
  if (length(lines) == 0) {
    lines <- "(no output)"
  }
  paste0("    ", strtrim(utils::head(lines, 6), 300), collapse = "\n")
}

advice <- function(lines) {
  toolchain <- Sys.getenv("RUSTUP_TOOLCHAIN")
  if (any(grepl("rustup default|no default", lines, useBytes = TRUE))) {
    "Choose a toolchain, and install again:\n    rustup default stable"
  } else if (nzchar(toolchain)) {
    c("Unset RUSTUP_TOOLCHAIN, which is ", toolchain, ", or install that toolchain, and install again.")
  } else {
    "Repair this installation of Rust, or install Rust from https://rustup.rs, and install again."
  }
}

stop_for_rust <- function(found) {
  needs <- paste0("This package requires cargo and rustc ", needed, " or later.\n")
  for (program in found) {
    if (nzchar(program$path) && is.null(program$version)) {
      stop_here(
        needs,
        "`",
        program$path,
        " --version` ",
        if (program$succeeded) "prints no version:\n" else "fails:\n",
        excerpt(program$printed),
        "\n",
        advice(program$printed)
      )
    }
  }
  versions <- vapply(found, function(x) if (is.null(x$version)) "none" else format(x$version), "")
  stop_here(
    needs,
    "Found: cargo ",
    versions[["cargo"]],
    ", rustc ",
    versions[["rustc"]],
    ".\n",
    "Install or update Rust from https://rustup.rs, or with your system's\n",
    "package manager if its version is new enough, and install again."
  )
}

found <- choose()
if (!new_enough(found$cargo) || !new_enough(found$rustc)) {
  stop_for_rust(found)
}
message("Using ", found$cargo$line, " (", found$cargo$path, ")")
message("Using ", found$rustc$line, " (", found$rustc$path, ")")

# R's architecture, which may differ from rustc's default.
sysname <- Sys.info()[["sysname"]]
host <- grep("^host: ", run(found$rustc$path, "-vV")$lines, value = TRUE, useBytes = TRUE)
host <- c(sub("^host: ", "", host), "")[1]
triple <- switch(
  sysname,
  Windows = paste0(
    R.version$arch,
    if (R.version$arch == "aarch64") "-pc-windows-gnullvm" else "-pc-windows-gnu"
  ),
  Darwin = paste0(R.version$arch, "-apple-darwin"),
  host
)
if (
  triple != host &&
    !any(dir.exists(run(found$rustc$path, c("--print", "target-libdir", "--target", triple))$lines))
) {
  stop_here(
    "Rust has no standard library for ",
    triple,
    ". Add it, and install again:\n    rustup target add ",
    triple
  )
}

# If the package contains the crates, nothing is downloaded, and nothing is written outside this folder.
vendored <- file.exists(file.path("src", "rust", "vendor.tar.xz"))
if (vendored) {
  utils::untar(file.path("src", "rust", "vendor.tar.xz"), exdir = file.path("src", "rust"), tar = "internal")
  dir.create(file.path("src", ".cargo"), showWarnings = FALSE)
  writeLines(
    c(
      "[source.crates-io]",
      'replace-with = "vendored-sources"',
      "[source.vendored-sources]",
      'directory = "rust/vendor"'
    ),
    file.path("src", ".cargo", "config.toml")
  )
  message("Using the crates in the package; nothing is downloaded")
}

# A target folder of the user's is kept for other builds.
target <- Sys.getenv(c("CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"))
target <- c(target[nzchar(target)], "")[[1]]
own <- !nzchar(target)
# A panic must become an R error, whatever the user's profile says. cargo alone would take the first rustc on the path,
# and make replaces CC and AR of the environment with R's.
environment <- c(
  CARGO_PROFILE_RELEASE_PANIC = "unwind",
  RUSTC = if (found$rustc$path != slashes(Sys.which("rustc")[[1]])) found$rustc$path,
  Filter(nzchar, Sys.getenv(c("CC", "AR")))
)
values <- c(
  CARGO = found$cargo$path,
  ENVIRONMENT = gsub(
    "$",
    "$$",
    paste0(names(environment), "=", shQuote(environment, "sh"), collapse = " "),
    fixed = TRUE
  ),
  CARGO_HOME = if (vendored) "$(CURDIR)/.cargo" else "",
  # Always set: a config.toml or the environment may set another target, which R could not load.
  ARGUMENTS = paste(c(if (vendored) "--offline", if (nzchar(triple)) c("--target", triple)), collapse = " "),
  TARGET_DIR = if (own) "rust/target" else normalizePath(target, "/", mustWork = FALSE),
  TARGET_DIR_FULL = if (own) "$(CURDIR)/rust/target" else "$(TARGET_DIR)",
  TRIPLE = if (nzchar(triple)) paste0(triple, "/") else "",
  CLEAN = if (own) "rust/target" else "",
  LIBS = switch(
    sysname,
    # Hides the symbols of the crates, and drops unreachable code. The symbols that R CMD check looks for stay.
    Linux = "-Wl,--gc-sections -Wl,--exclude-libs,ALL -Wl,--strip-debug -Wl,--discard-all",
    Darwin = "-framework Security -framework CoreFoundation",
    # For std and getrandom. Other crates bring what they need, and gcc adds kernel32 and advapi32.
    Windows = "-lws2_32 -luserenv -lbcrypt -lntdll",
    ""
  )
)
makevars <- readLines(file.path("src", "Makevars.in"))
for (name in names(values)) {
  makevars <- gsub(paste0("@", name, "@"), values[[name]], makevars, fixed = TRUE)
}
output <- file(file.path("src", if (windows) "Makevars.win" else "Makevars"), "wb")
writeLines(makevars, output)
close(output)
