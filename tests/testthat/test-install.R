# What configure does, on the repository's own tools/config.R: the installed package does not have it.

configure <- function(tools = character(), crates = NULL) {
  skip_on_os("windows")
  script <- test_path("..", "..", "tools", "config.R")
  skip_if_not(file.exists(script), "the source of the package is here")
  folder <- withr::local_tempdir(.local_envir = parent.frame())
  for (name in c("src/rust", "bin", "home")) {
    dir.create(file.path(folder, name), recursive = TRUE)
  }
  file.copy(test_path("..", "..", "DESCRIPTION"), folder)
  file.copy(test_path("..", "..", "src", "Makevars.in"), file.path(folder, "src"))
  if (!is.null(crates)) {
    file.copy(crates, file.path(folder, "src", "rust", "vendor.tar.xz"))
  }
  # What R itself runs, and no Rust.
  for (tool in c("sh", "sed", "uname", "which", "dirname", "basename", "rm", "cat", "ls", "stty")) {
    if (nzchar(Sys.which(tool))) {
      file.symlink(Sys.which(tool), file.path(folder, "bin", tool))
    }
  }
  for (tool in names(tools)) {
    path <- file.path(folder, "bin", tool)
    writeLines(c("#!/bin/sh", paste0("echo ", sub("-.*", "", tool), " ", tools[[tool]])), path)
    Sys.chmod(path, "755")
  }
  script <- normalizePath(script)
  withr::with_dir(
    folder,
    withr::with_envvar(
      c(PATH = file.path(folder, "bin"), HOME = file.path(folder, "home"), CARGO_TARGET_DIR = NA),
      suppressWarnings(
        words <- system2(
          file.path(R.home("bin"), "Rscript"),
          c("--vanilla", script),
          stdout = TRUE,
          stderr = TRUE
        )
      )
    )
  )
  makevars <- file.path(folder, "src", "Makevars")
  list(
    folder = folder,
    status = if (is.null(attr(words, "status"))) 0 else attr(words, "status"),
    words = paste(words, collapse = "\n"),
    makevars = if (file.exists(makevars)) readLines(makevars)
  )
}

test_that("without Rust the installation stops with one message that says what to do", {
  result <- configure()
  expect_identical(result$status, 1L)
  expect_match(result$words, "compiled with cargo and rustc 1.82 or later", fixed = TRUE)
  expect_match(result$words, "Found: cargo none, rustc none.", fixed = TRUE)
  expect_match(result$words, "https://rustup.rs", fixed = TRUE)
  expect_null(result$makevars)
})

test_that("a Rust that is too old is told with its version", {
  result <- configure(c(cargo = "1.81.0", rustc = "1.81.0"))
  expect_identical(result$status, 1L)
  expect_match(result$words, "Found: cargo 1.81.0, rustc 1.81.0.", fixed = TRUE)
})

test_that("the versions are told before anything is compiled", {
  result <- configure(c(cargo = "1.82.0", rustc = "1.82.0"))
  expect_identical(result$status, 0)
  expect_match(result$words, "Using cargo 1.82.0", fixed = TRUE)
  expect_match(result$words, "Using rustc 1.82.0", fixed = TRUE)
  expect_true(any(grepl("build -j 2 .*--locked", result$makevars)))
  expect_false(any(grepl("--offline", result$makevars, fixed = TRUE)))
})

test_that("a newer Rust beside the system's default is found", {
  tools <- c(cargo = "1.75.0", rustc = "1.75.0")
  tools <- c(
    tools,
    `cargo-1.82` = "1.82.0",
    `rustc-1.82` = "1.82.0",
    `cargo-1.9` = "1.9.0",
    `rustc-1.9` = "1.9.0"
  )
  result <- configure(tools)
  expect_identical(result$status, 0)
  expect_identical(result$makevars[2], paste("CARGO =", file.path(result$folder, "bin", "cargo-1.82")))
})

test_that("crates that come with the package are unpacked, and nothing is asked of the network", {
  crates <- withr::local_tempdir()
  dir.create(file.path(crates, "vendor", "one-1.0.0"), recursive = TRUE)
  writeLines("x", file.path(crates, "vendor", "one-1.0.0", "Cargo.toml"))
  archive <- file.path(crates, "vendor.tar.xz")
  withr::with_dir(crates, utils::tar(archive, "vendor", compression = "xz", tar = "internal"))
  result <- configure(c(cargo = "1.82.0", rustc = "1.82.0"), archive)
  expect_identical(result$status, 0)
  expect_match(result$words, "with no network", fixed = TRUE)
  expect_true(file.exists(file.path(result$folder, "src", "rust", "vendor", "one-1.0.0", "Cargo.toml")))
  expect_match(
    readLines(file.path(result$folder, "src", ".cargo", "config.toml")),
    "rust/vendor",
    all = FALSE
  )
  expect_true(any(grepl("--offline", result$makevars, fixed = TRUE)))
  expect_true("CARGO_HOME_HERE = $(CURDIR)/.cargo" %in% result$makevars)
})
