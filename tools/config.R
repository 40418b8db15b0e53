# Run by configure: finds cargo and rustc, says their versions, and writes src/Makevars.

home_bin <- file.path(Sys.getenv("HOME"), ".cargo", "bin")
Sys.setenv(PATH = paste(Sys.getenv("PATH"), home_bin, sep = .Platform$path.sep))

version_of <- function(tool) {
  if (!nzchar(Sys.which(tool))) {
    return(NULL)
  }
  line <- tryCatch(system2(tool, "--version", stdout = TRUE, stderr = TRUE)[1], error = function(e) NA)
  version <- regmatches(line, regexpr("[0-9]+[.][0-9]+[.][0-9]+", line))
  if (length(version) == 1) list(line = line, version = numeric_version(version)) else NULL
}

needed <- read.dcf("DESCRIPTION", "SystemRequirements")[1]
needed <- numeric_version(sub(".*rustc >= ([0-9.]+).*", "\\1", gsub("\\s+", " ", needed)))
cargo <- version_of("cargo")
rustc <- version_of("rustc")

if (is.null(cargo) || is.null(rustc) || rustc$version < needed) {
  message(
    "------------------------- Rust is needed -------------------------\n",
    "This package is compiled with cargo and rustc ",
    needed,
    " or later.\n",
    "Found: cargo ",
    if (is.null(cargo)) "none" else format(cargo$version),
    ", rustc ",
    if (is.null(rustc)) "none" else format(rustc$version),
    ".\n",
    "Install or update Rust from https://rustup.rs, or with your system's\n",
    "package manager if its version is new enough, and install again.\n",
    "------------------------------------------------------------------"
  )
  quit("no", status = 1)
}
message("Using ", cargo$line)
message("Using ", rustc$line)

# A target folder that somebody else keeps is not cleaned.
target <- Sys.getenv("CARGO_TARGET_DIR")
own <- !nzchar(target)
sysname <- Sys.info()[["sysname"]]
values <- c(
  TARGET_DIR = if (own) "rust/target" else normalizePath(target, mustWork = FALSE),
  CLEAN = if (own) "rust_clean" else "",
  LIBS = switch(
    sysname,
    # Hides the symbols of the crates and drops what is not reached. Those that R CMD check looks for stay.
    Linux = "-Wl,--gc-sections -Wl,--exclude-libs,ALL -Wl,--strip-debug -Wl,--discard-all",
    Darwin = "-framework Security -framework CoreFoundation",
    ""
  )
)
makevars <- readLines(file.path("src", "Makevars.in"))
for (name in names(values)) {
  makevars <- gsub(paste0("@", name, "@"), values[[name]], makevars, fixed = TRUE)
}
writeLines(makevars, file.path("src", "Makevars"))
