# Rscript dev/vendor.R FOLDER MANIFEST ARCHIVE TARGET...: prunes the crates that `cargo vendor --versioned-dirs` put into
# FOLDER to what the targets compile, and packs them. dev/dist.sh runs it.
#
# A crate that no target uses keeps its manifest alone. Of the others, the modules go that are behind a feature which is
# not enabled, or are for another operating system. The architecture and the C library may be any, and so may
# each condition that is not known here: what may be compiled stays.

arguments <- commandArgs(TRUE)
folder <- normalizePath(arguments[1])
manifest <- arguments[2]
archive <- normalizePath(arguments[3], mustWork = FALSE)
targets <- arguments[-(1:3)]

run <- function(program, ...) {
  lines <- system2(program, c(...), stdout = TRUE)
  stopifnot(is.null(attr(lines, "status")))
  lines
}
read <- function(path) readChar(path, file.size(path), useBytes = TRUE)
remove <- function(paths) {
  if (unlink(paths, recursive = TRUE, force = TRUE) != 0) {
    stop("cannot remove ", toString(paths))
  }
}

# What rustc says of a target's system: "unix", "target_os=\"linux\"" and the like.
system_of <- function(target) {
  grep(
    "^(unix|windows|target_(os|family|vendor)=.*)$",
    run("rustc", "--print", "cfg", "--target", target),
    value = TRUE
  )
}

# The folders of the crates that a target compiles, each with the features that are enabled anywhere.
crates_of <- function(target) {
  tree <- run(
    "cargo",
    c("tree", "--locked", "--manifest-path", shQuote(manifest), "--target", target),
    c("--edges", "normal,build", "--prefix", "none", "--format", shQuote("{p}|{f}"))
  )
  # Our own have a path after the version.
  tree <- grep("(/", tree, fixed = TRUE, value = TRUE, invert = TRUE)
  pattern <- "^([^ ]+) v([^ |]+)[^|]*[|]([^ ]*).*$"
  stopifnot(grepl(pattern, tree))
  lapply(split(sub(pattern, "\\3", tree), sub(pattern, "\\1-\\2", tree)), function(lists) {
    unique(unlist(strsplit(lists, ",", fixed = TRUE)))
  })
}

# Whether a condition, such as `all(unix, not(feature = "x"))`, holds on each of the crate's systems: TRUE, FALSE or NA.
# Of a feature that is enabled nothing follows: a crate may be compiled twice, with and without it.
holds <- function(condition, systems) {
  predicate <- function(name, value = NULL) {
    if (name %in% c("test", "doc", "doctest", "docsrs", "loom", "miri")) {
      return(rep(FALSE, length(systems)))
    }
    if (name == "feature") {
      return(vapply(systems, function(system) if (!value %in% system$features) FALSE else NA, NA))
    }
    if (!name %in% c("unix", "windows", "target_os", "target_family", "target_vendor")) {
      return(rep(NA, length(systems)))
    }
    text <- paste0(name, if (!is.null(value)) paste0("=\"", value, "\""))
    vapply(systems, function(system) text %in% system$cfg, NA)
  }
  evaluate <- function(x) {
    if (!is.call(x)) {
      return(predicate(as.character(x)))
    }
    parts <- as.list(x[-1])
    switch(
      as.character(x[[1]]),
      is = predicate(parts[[1]], parts[[2]]),
      not = !evaluate(parts[[1]]),
      all = Reduce(`&`, lapply(parts, evaluate), rep(TRUE, length(systems))),
      any = Reduce(`|`, lapply(parts, evaluate), rep(FALSE, length(systems))),
      rep(NA, length(systems))
    )
  }
  # A macro makes it.
  if (grepl("$", condition, fixed = TRUE)) {
    return(rep(NA, length(systems)))
  }
  # Its grammar is that of calls in R, but for the equals sign and a last comma.
  condition <- gsub("([a-z_]+)\\s*=\\s*(\"[^\"]*\")", "is(\"\\1\", \\2)", condition)
  evaluate(str2lang(gsub(",\\s*\\)", ")", condition)))
}

strings <- "\"(?:[^\"\\\\]++|\\\\.)*+\"|\\br(#*)\".*?\"\\g{-1}|'(?:\\\\.[^']*|[^\\\\'\\n]|[\\x80-\\xff]{2,4})'"
comments <- "//[^\\n]*+|(/\\*(?:[^*/]++|\\*(?!/)|/(?!\\*)|(?-1))*+\\*/)"
attribute <- "#!?(\\[(?:[^\\[\\]\"]++|\"(?:[^\"\\\\]++|\\\\.)*+\"|(?-1))*+\\])"
tokens <- paste(
  attribute,
  "\\bmod\\s+(?:r#)?\\w+\\s*[;{]",
  "\\bmod\\s+\\$",
  "\\bcfg_if!\\s*\\{",
  "\\binclude!\\s*\\(\\s*\"[^\"]*\"",
  "[{};]",
  paste0("(?:", strings, ")(*SKIP)(*FAIL)"),
  sep = "|"
)
matches <- function(pattern, text) {
  regmatches(text, gregexpr(paste0("(?s)", pattern), text, perl = TRUE, useBytes = TRUE))[[1]]
}

# The files that the modules declared in a file of Rust may be in, where a condition does not exclude them.
modules_in <- function(file, systems) {
  text <- gsub(
    paste0("(?s)(?:", strings, ")(*SKIP)(*FAIL)|", comments),
    " ",
    read(file),
    perl = TRUE,
    useBytes = TRUE
  )
  if (!grepl("\\bmod\\s|\\binclude!", text, perl = TRUE, useBytes = TRUE)) {
    return(character())
  }
  here <- dirname(file)
  below <- file.path(here, sub("[.]rs$", "", basename(file)))
  found <- character()
  pending <- character()
  yes <- rep(TRUE, length(systems))
  # One block a level: whether it is compiled, the modules it is in, and what the branches of `cfg_if!` before excluded.
  blocks <- list(list(compiled = yes, path = character()))
  condition_of <- function(attributes) {
    conditions <- sub(
      "^#\\[\\s*cfg\\s*\\((.*)\\)\\s*\\]$",
      "\\1",
      grep("^#\\[\\s*cfg\\s*\\(", attributes, value = TRUE)
    )
    Reduce(`&`, lapply(conditions, holds, systems), yes)
  }
  for (token in matches(tokens, text)) {
    block <- blocks[[length(blocks)]]
    if (startsWith(token, "#")) {
      # In one line, for the patterns.
      pending <- c(pending, if (startsWith(token, "#[")) gsub("\\s+", " ", token))
      next
    }
    opens <- endsWith(token, "{")
    compiled <- block$compiled
    if (opens && !is.null(block$before)) {
      # A branch of cfg_if!, the last of which has no condition.
      condition <- condition_of(pending)
      compiled <- compiled & condition & !block$before
      blocks[[length(blocks)]]$before <- block$before | condition
    } else {
      compiled <- compiled & condition_of(pending)
    }
    name <- sub("^mod\\s+(r#)?(\\w+).*", "\\2", token)
    may_be <- any(compiled | is.na(compiled))
    if (grepl("^mod\\s+\\$", token)) {
      # A macro makes the name.
      found <- c(found, list.files(here, "[.]rs$", recursive = TRUE, full.names = TRUE))
    } else if (startsWith(token, "include")) {
      found <- c(found, if (may_be) file.path(here, sub(".*\"(.*)\"", "\\1", token)))
    } else if (startsWith(token, "mod") && !opens && may_be) {
      paths <- sub(".*\\bpath *= *\"([^\"]*)\".*", "\\1", grep("\\bpath *= *\"", pending, value = TRUE))
      for (folder in c(here, below)) {
        folder <- paste(c(folder, block$path), collapse = "/")
        found <- c(found, file.path(folder, c(paste0(name, ".rs"), file.path(name, "mod.rs"), paths)))
      }
      found <- c(found, file.path(here, paths))
    }
    if (opens) {
      path <- c(block$path, if (startsWith(token, "mod")) name)
      before <- if (startsWith(token, "cfg_if")) !yes
      blocks <- c(blocks, list(list(compiled = compiled, path = path, before = before)))
    } else if (token == "}") {
      blocks <- blocks[-length(blocks)]
    }
    pending <- character()
  }
  if (length(blocks) != 1) {
    stop("the braces of ", file, " are not understood")
  }
  found
}

# The value of a name in the lines of a manifest as cargo writes it.
value <- function(name, lines, default) {
  pattern <- paste0("^", name, " = \"(.*)\"$")
  c(sub(pattern, "\\1", grep(pattern, lines, value = TRUE)), default)[1]
}
lib_path <- function(manifest) value("path", manifest[cumsum(manifest == "[lib]") > 0], "src/lib.rs")

# The files of a crate that may be compiled, from its library and its build script on.
reached <- function(crate, systems) {
  manifest <- readLines(file.path(crate, "Cargo.toml"))
  todo <- file.path(crate, c(lib_path(manifest), value("build", manifest, "build.rs")))
  done <- character()
  while (length(todo)) {
    todo <- normalizePath(todo[file.exists(todo) & !dir.exists(todo)])
    todo <- setdiff(todo, done)
    done <- c(done, todo)
    todo <- unlist(lapply(todo, modules_in, systems))
  }
  done
}

# What no compilation reads. Texts of licenses stay; other files stay where a source mentions them. But ring's build script
# mentions scripts and assembly of which the crate contains the results.
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
useless_files <- "^(Cargo[.](toml[.]orig|lock)|[.].*|.*[.](asm|css|json|md|nix|pl|png|py|sh|svg|txt|adoc|ya?ml)|justfile|Makefile)$"
generated <- "[.](asm|pl)$"
license <- "licen[cs]e|copying|notice|authors|copyright|unlicense"

# The names of files that sources mention in strings, such as those that they include as text.
mentioned <- function(sources) {
  found <- unlist(lapply(sources, function(path) matches("\"[^\"\\n]*\"", read(path))))
  unique(basename(gsub("\"", "", found, fixed = TRUE, useBytes = TRUE)))
}

prune <- function(crate, systems) {
  compiled <- reached(crate, systems)
  needed <- grep(generated, mentioned(compiled), value = TRUE, invert = TRUE, useBytes = TRUE)
  files <- list.files(crate, recursive = TRUE, all.files = TRUE)
  names <- basename(files)
  useless <- sub("/.*", "", files) %in% useless_folders | grepl(useless_files, names, ignore.case = TRUE)
  kept <- grepl(license, names, ignore.case = TRUE) | names %in% c(needed, ".cargo-checksum.json")
  files <- file.path(crate, files)
  is_source <- grepl("[.]rs$", files)
  remove(files[ifelse(is_source, !normalizePath(files) %in% compiled, useless & !kept)])
  for (folder in rev(list.dirs(crate))) {
    if (length(list.files(folder, all.files = TRUE, no.. = TRUE)) == 0) remove(folder)
  }
}

# A crate for other platforms: cargo reads its manifest, and rustc never sees it.
stub <- function(crate) {
  entries <- list.files(crate, all.files = TRUE, no.. = TRUE)
  remove(file.path(crate, setdiff(entries, c("Cargo.toml", ".cargo-checksum.json"))))
  path <- file.path(crate, lib_path(readLines(file.path(crate, "Cargo.toml"))))
  dir.create(dirname(path), recursive = TRUE, showWarnings = FALSE)
  file.create(path)
}

# Cargo checks the files that are listed here; the hash of the whole stays, since the lock has it too.
unlist_files <- function(crate) {
  path <- file.path(crate, ".cargo-checksum.json")
  hash <- regmatches(text <- readLines(path, warn = FALSE), regexpr('"package":"[0-9a-f]{64}"', text))
  stopifnot(length(hash) == 1)
  writeLines(sprintf('{"files":{},%s}', hash), path)
}

crates <- list.files(folder)
compiled <- lapply(stats::setNames(targets, targets), crates_of)
used <- unique(unlist(lapply(compiled, names)))
stopifnot(used %in% crates)
systems <- lapply(stats::setNames(targets, targets), system_of)
for (crate in crates) {
  path <- file.path(folder, crate)
  if (crate %in% used) {
    on <- Filter(function(target) crate %in% names(compiled[[target]]), targets)
    prune(
      path,
      lapply(on, function(target) list(cfg = systems[[target]], features = compiled[[target]][[crate]]))
    )
  } else {
    stub(path)
  }
  unlist_files(path)
}

# A stack exhaustion in time's parser of this format is fixed in a version that needs a later Rust: nothing may call it.
callers <- setdiff(used, grep("^time-[0-9]", used, value = TRUE))
sources <- list.files(file.path(folder, callers), "[.]rs$", recursive = TRUE, full.names = TRUE)
calls <- vapply(sources, function(path) grepl("Rfc2822", read(path), fixed = TRUE, useBytes = TRUE), NA)
if (any(calls)) {
  stop("the parser of RFC 2822 dates of time is named in ", toString(sources[calls]))
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
