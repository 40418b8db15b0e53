# Run by configure and configure.win: finds cargo and rustc, says their versions, unpacks the crates if they came
# along, and writes src/Makevars or src/Makevars.win.

windows <- .Platform$OS.type == "windows"
home_bin <- file.path(Sys.getenv(if (windows) "USERPROFILE" else "HOME"), ".cargo", "bin")
Sys.setenv(PATH = paste(Sys.getenv("PATH"), home_bin, sep = .Platform$path.sep))

ask <- function(tool, arguments) {
  tryCatch(
    system2(tool, arguments, stdout = TRUE, stderr = TRUE),
    error = function(e) character(),
    warning = function(e) {
      character()
    }
  )
}

version_of <- function(tool) {
  line <- ask(tool, "--version")[1]
  version <- regmatches(line, regexpr("[0-9]+[.][0-9]+[.][0-9]+", line))
  if (length(version) == 1) numeric_version(version)
}

# Ubuntu has newer ones beside its default, as cargo-1.85 and rustc-1.85.
beside <- function() {
  folders <- strsplit(Sys.getenv("PATH"), .Platform$path.sep, fixed = TRUE)[[1]]
  found <- unlist(lapply(folders, list.files, pattern = "^cargo-1[.][0-9]+$"))
  found <- sub("cargo", "", unique(found), fixed = TRUE)
  found[order(numeric_version(sub("-", "", found)), decreasing = TRUE)]
}

needed <- read.dcf("DESCRIPTION", "SystemRequirements")[1]
needed <- numeric_version(sub(".*rustc >= ([0-9.]+).*", "\\1", gsub("\\s+", " ", needed)))
found <- NULL
for (suffix in c("", beside())) {
  candidate <- list(
    cargo = gsub("\\", "/", Sys.which(paste0("cargo", suffix))[[1]], fixed = TRUE),
    rustc = gsub("\\", "/", Sys.which(paste0("rustc", suffix))[[1]], fixed = TRUE)
  )
  candidate$versions <- lapply(candidate, version_of)
  if (is.null(found)) {
    found <- candidate
  }
  if (all(lengths(candidate$versions)) && all(vapply(candidate$versions, `>=`, TRUE, needed))) {
    found <- candidate
    break
  }
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

in_words <- function(version) if (is.null(version)) "none" else format(version)
if (!all(lengths(found$versions)) || !all(vapply(found$versions, `>=`, TRUE, needed))) {
  stop_here(
    "This package is compiled with cargo and rustc ",
    needed,
    " or later.\n",
    "Found: cargo ",
    in_words(found$versions$cargo),
    ", rustc ",
    in_words(found$versions$rustc),
    ".\n",
    "Install or update Rust from https://rustup.rs, or with your system's\n",
    "package manager if its version is new enough, and install again."
  )
}
message("Using ", ask(found$cargo, "--version")[1], " (", found$cargo, ")")
message("Using ", ask(found$rustc, "--version")[1], " (", found$rustc, ")")

# R's architecture, where it may not be the one that rustc compiles for by itself.
sysname <- Sys.info()[["sysname"]]
triple <- switch(
  sysname,
  Windows = paste0(
    R.version$arch,
    if (R.version$arch == "aarch64") "-pc-windows-gnullvm" else "-pc-windows-gnu"
  ),
  Darwin = paste0(R.version$arch, "-apple-darwin"),
  ""
)
host <- sub("host: ", "", grep("^host: ", ask(found$rustc, "-vV"), value = TRUE))
if (sysname == "Darwin" && identical(triple, host)) {
  triple <- ""
}
if (
  nzchar(triple) &&
    !isTRUE(dir.exists(ask(found$rustc, c("--print", "target-libdir", "--target", triple))[1]))
) {
  stop_here("Rust has no standard library for ", triple, ":\n", "    rustup target add ", triple)
}

# With the crates in the package nothing is downloaded, and nothing is written outside this folder.
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
  message("Using the crates of the package, with no network")
}

# A target folder that somebody else keeps is not cleaned.
target <- Sys.getenv("CARGO_TARGET_DIR")
own <- !nzchar(target)
values <- c(
  CARGO = found$cargo,
  CARGO_HOME = if (vendored) "$(CURDIR)/.cargo" else "",
  ARGUMENTS = paste(c(if (vendored) "--offline", if (nzchar(triple)) c("--target", triple)), collapse = " "),
  TARGET_DIR = if (own) "rust/target" else normalizePath(target, "/", mustWork = FALSE),
  TARGET_DIR_FULL = if (own) "$(CURDIR)/rust/target" else "$(TARGET_DIR)",
  TRIPLE = if (nzchar(triple)) paste0(triple, "/") else "",
  CLEAN = if (own) "rust/target" else "",
  LIBS = switch(
    sysname,
    # Hides the symbols of the crates and drops what is not reached. Those that R CMD check looks for stay.
    Linux = "-Wl,--gc-sections -Wl,--exclude-libs,ALL -Wl,--strip-debug -Wl,--discard-all",
    Darwin = "-framework Security -framework CoreFoundation",
    # What std and getrandom ask for. Others bring what they need, and gcc adds kernel32 and advapi32.
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
