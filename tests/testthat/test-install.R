# Runs configure and make on the repository's own tools/config.R and src/Makevars.in, with stand-ins for cargo and rustc.
# The installed package does not have these files.

host <- if (Sys.info()[["sysname"]] == "Darwin") {
  paste0(R.version$arch, "-apple-darwin")
} else {
  "x86_64-unknown-linux-gnu"
}

# A program in a folder, from the lines of a shell script.
add_program <- function(folder, name, lines) {
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  writeLines(c("#!/bin/sh", lines), file.path(folder, name))
  Sys.chmod(file.path(folder, name), "755")
}

# Prints a version as cargo and rustc do.
prints_version <- function(name, version) {
  c(
    sprintf('[ "$1" != -vV ] || { echo "host: %s"; exit 0; }', host),
    sprintf('[ "$1" != --version ] || { echo "%s %s"; exit 0; }', sub("-.*", "", name), version)
  )
}

# Stands in for cargo: writes a library where cargo would, for the target in its arguments, or else in config.toml or the
# environment, and prints what it sees.
builds <- c(
  prints_version("cargo", "1.82.0"),
  'target=$(sed -n \'s/^target = "\\(.*\\)"/\\1/p\' "$HOME/.cargo/config.toml" 2>/dev/null)',
  "target=${CARGO_BUILD_TARGET:-$target}",
  "while [ $# -gt 0 ]; do",
  "  case $1 in --target) target=$2 ;; --target-dir) folder=$2 ;; esac",
  "  shift",
  "done",
  "mkdir -p \"$folder/$target/release\"",
  ": >\"$folder/$target/release/librekognition.a\"",
  "echo \"rustc: ${RUSTC-none}\"",
  "echo \"linker: $(cc link 2>/dev/null || echo none)\"",
  "echo \"archiver: $(ar pack 2>/dev/null || echo none)\"",
  "env"
)

# The source of a package without Rust code, with these programs on its path. A version stands for a program that prints
# it.
local_source <- function(programs = list(), crates = NULL, frame = parent.frame()) {
  skip_on_os("windows")
  script <- test_path("..", "..", "tools", "config.R")
  skip_if_not(file.exists(script), "the package source is available")
  folder <- normalizePath(withr::local_tempdir(.local_envir = frame))
  for (name in c("src/rust", "bin", "home")) {
    dir.create(file.path(folder, name), recursive = TRUE)
  }
  file.copy(test_path("..", "..", "DESCRIPTION"), folder)
  file.copy(test_path("..", "..", "src", "Makevars.in"), file.path(folder, "src"))
  if (!is.null(crates)) {
    file.copy(crates, file.path(folder, "src", "rust", "vendor.tar.xz"))
  }
  # What R itself runs, without Rust.
  for (tool in c(
    "sh",
    "sed",
    "uname",
    "which",
    "dirname",
    "basename",
    "rm",
    "cat",
    "ls",
    "stty",
    "mkdir",
    "chmod",
    "env",
    "echo"
  )) {
    if (nzchar(Sys.which(tool))) {
      file.symlink(Sys.which(tool), file.path(folder, "bin", tool))
    }
  }
  for (name in names(programs)) {
    lines <- programs[[name]]
    version <- length(lines) == 1 && grepl("^[0-9.]+$", lines)
    add_program(file.path(folder, "bin"), name, if (version) prints_version(name, lines) else lines)
  }
  folder
}

# Runs a program in this source as on a machine with no other programs.
run_in <- function(folder, program, arguments, env = character(), where = folder) {
  unset <- c(
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_BUILD_TARGET",
    "CARGO_HOME",
    "RUSTC",
    "RUSTUP_TOOLCHAIN",
    "CC",
    "AR"
  )
  withr::local_envvar(c(
    stats::setNames(rep(NA, length(unset)), unset),
    PATH = file.path(folder, "bin"),
    HOME = file.path(folder, "home"),
    env
  ))
  withr::local_dir(where)
  output <- suppressWarnings(system2(program, arguments, stdout = TRUE, stderr = TRUE))
  list(
    status = if (is.null(attr(output, "status"))) 0 else attr(output, "status"),
    output = paste(output, collapse = "\n"),
    lines = as.character(output)
  )
}

configure <- function(
  programs = list(),
  crates = NULL,
  env = character(),
  folder = local_source(programs, crates, parent.frame())
) {
  script <- normalizePath(test_path("..", "..", "tools", "config.R"))
  result <- run_in(folder, file.path(R.home("bin"), "Rscript"), c("--vanilla", script), env)
  makevars <- file.path(folder, "src", "Makevars")
  result$folder <- folder
  result$makevars <- if (file.exists(makevars)) readLines(makevars)
  result
}

# Configures and builds: what cargo saw, and whether the library is where the linker expects it.
build <- function(folder, env = character(), cc = "r-cc -O2") {
  make <- Sys.which("make")
  skip_if(!nzchar(make), "make is not installed")
  configured <- configure(env = env, folder = folder)
  expect_identical(configured$status, 0)
  writeLines(
    c(paste("CC =", cc), "AR = r-ar", "where:", "\t@echo $(LIB_DIR)"),
    file.path(folder, "src", "Makeconf")
  )
  run_make <- function(goal) {
    arguments <- c("--no-print-directory", "-f", "Makevars", "-f", "Makeconf", "SHLIB=x.so", goal)
    run_in(folder, make, arguments, c(env, MAKEFLAGS = NA, MAKELEVEL = NA), file.path(folder, "src"))
  }
  unlink(file.path(folder, "src", "rust", "target"), recursive = TRUE)
  built <- run_make("rust")
  expect_identical(built$status, 0)
  lib_dir <- run_make("where")$output
  if (!startsWith(lib_dir, "/")) {
    lib_dir <- file.path(folder, "src", lib_dir)
  }
  built$found <- file.exists(file.path(lib_dir, "librekognition.a"))
  built
}

test_that("without Rust the installation stops with one message that explains what to do", {
  result <- configure()
  expect_identical(result$status, 1L)
  expect_match(result$output, "requires cargo and rustc 1.82 or later", fixed = TRUE)
  expect_match(result$output, "Found: cargo none, rustc none.", fixed = TRUE)
  expect_match(result$output, "https://rustup.rs", fixed = TRUE)
  expect_null(result$makevars)
})

test_that("a Rust that is too old is reported with its version", {
  result <- configure(c(cargo = "1.81.0", rustc = "1.81.0"))
  expect_identical(result$status, 1L)
  expect_match(result$output, "Found: cargo 1.81.0, rustc 1.81.0.", fixed = TRUE)
})

test_that("the versions are shown before anything is compiled", {
  result <- configure(c(cargo = "1.82.0", rustc = "1.82.0"))
  expect_identical(result$status, 0)
  expect_match(result$output, "Using cargo 1.82.0", fixed = TRUE)
  expect_match(result$output, "Using rustc 1.82.0", fixed = TRUE)
  expect_true(any(grepl("build -j 2 .*--locked", result$makevars)))
  expect_false(any(grepl("--offline", result$makevars, fixed = TRUE)))
})

test_that("versions are found among warnings of cargo and messages of rustup", {
  warning <- c(
    "echo 'warning: `/home/me/.cargo/config` is deprecated in favor of `config.toml`' >&2",
    "echo 'note: if you need to support cargo 1.38 or earlier, you can symlink `config` to `config.toml`' >&2"
  )
  info <- "echo \"info: syncing channel updates for '1.70.0-x86_64-unknown-linux-gnu'\" >&2"
  for (first in list(warning, info, "echo 'info: it is printed to the wrong stream, for cargo 1.60.0'")) {
    result <- configure(list(
      cargo = c(first, prints_version("cargo", "1.82.0")),
      rustc = c(first, prints_version("rustc", "1.82.0"))
    ))
    expect_identical(result$status, 0)
    expect_match(result$output, "Using cargo 1.82.0 (/", fixed = TRUE)
    expect_match(result$output, "Using rustc 1.82.0 (/", fixed = TRUE)
    expect_true(any(grepl(paste("--target", host), result$makevars)))
  }
})

test_that("rustup without a toolchain is quoted, with what to do", {
  no_default <- c(
    "printf '\\033[1merror\\033[0m: rustup could not choose a version of cargo to run, and no default is configured.\\n' >&2",
    "echo \"help: run 'rustup default stable' to download the latest stable release of Rust.\" >&2",
    "echo 'Stack backtrace:' >&2",
    "echo '   0: anyhow::error' >&2",
    "exit 1"
  )
  result <- configure(list(cargo = no_default, rustc = no_default))
  expect_identical(result$status, 1L)
  expect_match(result$output, "\n    error: rustup could not choose a version of cargo to run", fixed = TRUE)
  expect_match(result$output, "\n    rustup default stable\n", fixed = TRUE)
  expect_match(result$output, "requires cargo and rustc 1.82 or later", fixed = TRUE)
  expect_no_match(result$output, "anyhow|\033|Found: cargo none")

  not_installed <- c("echo \"error: toolchain '1.83' is not installed\" >&2", "exit 1")
  result <- configure(list(cargo = "1.82.0", rustc = not_installed), env = c(RUSTUP_TOOLCHAIN = "1.83"))
  expect_identical(result$status, 1L)
  expect_match(result$output, "bin/rustc --version` fails:", fixed = TRUE)
  expect_match(result$output, "error: toolchain '1.83' is not installed", fixed = TRUE)
  expect_match(result$output, "Unset RUSTUP_TOOLCHAIN, which is 1.83", fixed = TRUE)

  result <- configure(list(cargo = "exit 3", rustc = "1.82.0"))
  expect_match(result$output, "bin/cargo --version` fails:\n    (no output)\n", fixed = TRUE)
  result <- configure(list(cargo = "printf 'all \\377 good\\n'", rustc = "1.82.0"))
  expect_match(result$output, "bin/cargo --version` prints no version:\n    all <ff> good\n", fixed = TRUE)
})

test_that("a newer Rust than the system's default is found", {
  programs <- c(
    cargo = "1.75.0",
    rustc = "1.75.0",
    `cargo-1.82` = "1.82.0",
    `rustc-1.82` = "1.82.0",
    `cargo-1.9` = "1.9.0",
    `rustc-1.9` = "1.9.0"
  )
  result <- configure(programs)
  expect_identical(result$status, 0)
  bin <- file.path(result$folder, "bin")
  expect_true(paste("CARGO =", file.path(bin, "cargo-1.82")) %in% result$makevars)
  expect_true(any(grepl(paste0("RUSTC='", file.path(bin, "rustc-1.82"), "'"), result$makevars, fixed = TRUE)))
})

test_that("rustup's Rust is found if the system has an older one, without HOME, and in CARGO_HOME", {
  place <- function(folder, where) {
    for (name in c("cargo", "rustc")) {
      add_program(
        file.path(folder, where, "bin"),
        name,
        if (name == "cargo") builds else prints_version("rustc", "1.82.0")
      )
    }
  }
  folder <- local_source(c(cargo = "1.63.0", rustc = "1.63.0"))
  place(folder, "home/.cargo")
  built <- build(folder)
  expect_true(built$found)
  # cargo alone would take the old rustc on the path.
  expect_true(paste("rustc:", file.path(folder, "home/.cargo/bin/rustc")) %in% built$lines)

  folder <- local_source()
  place(folder, "else where")
  built <- build(folder, c(CARGO_HOME = file.path(folder, "else where"), HOME = NA))
  expect_true(built$found)
  expect_true(paste("rustc:", file.path(folder, "else where/bin/rustc")) %in% built$lines)

  # The user's choice wins.
  add_program(file.path(folder, "mine"), "rustc", prints_version("rustc", "1.99.0"))
  mine <- file.path(folder, "mine", "rustc")
  built <- build(folder, c(CARGO_HOME = file.path(folder, "else where"), RUSTC = mine))
  expect_true(paste("rustc:", mine) %in% built$lines)
})

test_that("the library is found and has R's architecture, whatever target and folder cargo is configured for", {
  folder <- local_source(list(cargo = builds, rustc = "1.82.0"))
  expect_true(build(folder)$found)
  expect_true(build(folder, c(CARGO_BUILD_TARGET = "wasm32-unknown-unknown"))$found)
  dir.create(file.path(folder, "home", ".cargo"))
  writeLines(
    c("[build]", 'target = "aarch64-unknown-linux-musl"', 'target-dir = "/nowhere"'),
    file.path(folder, "home", ".cargo", "config.toml")
  )
  expect_true(build(folder)$found)
  kept <- file.path(folder, "kept")
  for (name in c("CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR")) {
    expect_true(build(folder, stats::setNames(kept, name))$found)
    expect_identical(list.files(kept), host)
    unlink(kept, recursive = TRUE)
  }
})

test_that("a user's cargo profile cannot turn errors into the end of R", {
  folder <- local_source(list(cargo = builds, rustc = "1.82.0"))
  built <- build(folder, c(CARGO_PROFILE_RELEASE_PANIC = "abort", CARGO_PROFILE_RELEASE_LTO = "off"))
  expect_true("CARGO_PROFILE_RELEASE_PANIC=unwind" %in% built$lines)
  expect_true("CARGO_PROFILE_RELEASE_LTO=off" %in% built$lines)
})

test_that("if there is no cc, Rust compiles and links with R's C compiler and its flags", {
  programs <- list(
    cargo = builds,
    rustc = "1.82.0",
    `r-cc` = 'echo "r-cc $*"',
    `r-ar` = 'echo "r-ar $*"'
  )
  folder <- local_source(programs)
  built <- build(folder, cc = "r-cc -std=gnu99")
  expect_true("linker: r-cc -std=gnu99 link" %in% built$lines)
  expect_true("archiver: r-ar pack" %in% built$lines)
  # The user's settings are not replaced.
  expect_false(any(grepl("^(CC|CARGO_TARGET_.*LINKER)=", built$lines)))
  built <- build(folder, c(CC = "mine"), cc = "r-cc -std=gnu99")
  expect_true("CC=mine" %in% built$lines)

  folder <- local_source(c(programs, cc = 'echo "cc $*"', ar = 'echo "ar $*"'))
  built <- build(folder)
  expect_true("linker: cc link" %in% built$lines)
  expect_true("archiver: ar pack" %in% built$lines)
})

test_that("on Windows the library has R's architecture, even if Rust's default is another one", {
  folder <- local_source()
  triple <- "x86_64-pc-windows-gnu"
  std <- file.path(folder, "std")
  rustc <- c(
    'echo "info: a message of rustup" >&2',
    prints_version("rustc", "1.82.0"),
    sprintf('[ "$*" = "--print target-libdir --target %s" ] || exit 1', triple),
    sprintf("echo %s", shQuote(std))
  )
  add_program(file.path(folder, "bin"), "cargo", prints_version("cargo", "1.82.0"))
  add_program(file.path(folder, "bin"), "rustc", rustc)
  script <- normalizePath(test_path("..", "..", "tools", "config.R"))
  as_on_windows <- c(
    '.Platform$OS.type <- "windows"',
    'Sys.info <- function() c(sysname = "Windows")',
    'R.version$arch <- "x86_64"',
    paste0("source(", deparse(script), ")")
  )
  run <- function() {
    run_in(
      folder,
      file.path(R.home("bin"), "Rscript"),
      c("--vanilla", rbind("-e", shQuote(as_on_windows))),
      c(USERPROFILE = file.path(folder, "home"))
    )
  }
  missing <- run()
  expect_identical(missing$status, 1L)
  expect_match(missing$output, paste("rustup target add", triple), fixed = TRUE)
  dir.create(std)
  expect_identical(run()$status, 0)
  makevars <- readLines(file.path(folder, "src", "Makevars.win"))
  expect_true(any(grepl(paste("--target", triple), makevars, fixed = TRUE)))
  expect_true(paste0("LIB_DIR = $(TARGET_DIR)/", triple, "/release") %in% makevars)
  expect_true(any(grepl("-lws2_32", makevars, fixed = TRUE)))
})

test_that("crates in the package are unpacked, and nothing is downloaded", {
  crates <- withr::local_tempdir()
  dir.create(file.path(crates, "vendor", "one-1.0.0"), recursive = TRUE)
  writeLines("x", file.path(crates, "vendor", "one-1.0.0", "Cargo.toml"))
  archive <- file.path(crates, "vendor.tar.xz")
  withr::with_dir(crates, utils::tar(archive, "vendor", compression = "xz", tar = "internal"))
  result <- configure(c(cargo = "1.82.0", rustc = "1.82.0"), archive)
  expect_identical(result$status, 0)
  expect_match(result$output, "nothing is downloaded", fixed = TRUE)
  expect_true(file.exists(file.path(result$folder, "src", "rust", "vendor", "one-1.0.0", "Cargo.toml")))
  expect_match(
    readLines(file.path(result$folder, "src", ".cargo", "config.toml")),
    "rust/vendor",
    all = FALSE
  )
  expect_true(any(grepl("--offline", result$makevars, fixed = TRUE)))
  expect_true("CARGO_HOME_HERE = $(CURDIR)/.cargo" %in% result$makevars)
})
