# Builds the site into .build/site: pkgdown's, with nothing in it that a browser would load from the network.
# `make site` calls it. It asks npm for the libraries, once; nothing else here needs a network.

# What pkgdown's pages load from content delivery networks, by the end of the address, and where npm has it. Each is
# held to the hash that the page has for it, so a library is the very file that the page names.
libraries <- c(
  "font-awesome/5.12.1/css/all.min.css" = "@fortawesome/fontawesome-free@5.12.1/css/all.min.css",
  "font-awesome/5.12.1/css/v4-shims.min.css" = "@fortawesome/fontawesome-free@5.12.1/css/v4-shims.min.css",
  "headroom/0.11.0/headroom.min.js" = "headroom.js@0.11.0/dist/headroom.min.js",
  "headroom/0.11.0/jQuery.headroom.min.js" = "headroom.js@0.11.0/dist/jQuery.headroom.min.js",
  "clipboard.js/2.0.6/clipboard.min.js" = "clipboard@2.0.6/dist/clipboard.min.js",
  "fuse.js/6.4.6/fuse.js" = "fuse.js@6.4.6/dist/fuse.js",
  "autocomplete.js/0.38.0/autocomplete.jquery.min.js" = "autocomplete.js@0.38.0/dist/autocomplete.jquery.min.js",
  "mark.js/8.11.1/mark.min.js" = "mark.js@8.11.1/dist/mark.min.js"
)
# Files that a library's style sheet loads.
fonts <- c("@fortawesome/fontawesome-free@5.12.1" = "webfonts/.*[.]woff2$")
# npm has no package bootstrap-toc.
own <- c("bootstrap-toc.min.js" = "toc.js")
# Formulas, of which there are none, and old versions of Internet Explorer.
needless <- "MathJax[.]js|mathjax/|respond[.]min[.]js"

site <- ".build/site"
store <- ".build/site-libraries"

package_of <- function(library) sub("^(@?[^@]+@[^/]+)/.*$", "\\1", library)
path_of <- function(library) substring(library, nchar(package_of(library)) + 2)
folder_of <- function(package) gsub("[@/]+", "-", sub("^@", "", package))

read_text <- function(path) paste(readLines(path, encoding = "UTF-8", warn = FALSE), collapse = "\n")
write_text <- function(text, path) writeLines(enc2utf8(text), path, useBytes = TRUE)

fetch_library <- function(package) {
  folder <- file.path(store, folder_of(package))
  if (dir.exists(file.path(folder, "package"))) {
    return(invisible(folder))
  }
  if (!nzchar(Sys.which("npm"))) {
    stop("npm is needed, to fetch the libraries of the pages: https://nodejs.org", call. = FALSE)
  }
  unlink(folder, recursive = TRUE)
  dir.create(folder, recursive = TRUE)
  message("Fetching ", package)
  args <- c("pack", "--silent", "--pack-destination", shQuote(folder), shQuote(package))
  if (system2("npm", args, stdout = FALSE) != 0) {
    stop("npm cannot fetch ", package, call. = FALSE)
  }
  utils::untar(list.files(folder, "[.]tgz$", full.names = TRUE), exdir = folder)
}

# The file of a library, in the site: its path from the site's root.
add_library <- function(library, integrity) {
  package <- package_of(library)
  from <- file.path(store, folder_of(package), "package", path_of(library))
  check_integrity(from, integrity)
  files <- path_of(library)
  if (package %in% names(fonts)) {
    all <- list.files(file.path(store, folder_of(package), "package"), recursive = TRUE)
    files <- c(files, grep(fonts[[package]], all, value = TRUE))
  }
  for (file in files) {
    to <- file.path(site, "lib", folder_of(package), file)
    dir.create(dirname(to), recursive = TRUE, showWarnings = FALSE)
    file.copy(file.path(store, folder_of(package), "package", file), to, overwrite = TRUE)
  }
  file.path("lib", folder_of(package), path_of(library))
}

check_integrity <- function(file, integrity) {
  algorithm <- sub("-.*$", "", integrity)
  hash <- jsonlite::base64_enc(digest::digest(file = file, algo = algorithm, raw = TRUE))
  if (paste0(algorithm, "-", gsub("\n", "", hash, fixed = TRUE)) != integrity) {
    stop(file, " is not the file that pkgdown's pages name: ", integrity, call. = FALSE)
  }
}

attribute <- function(tag, name) {
  found <- regmatches(tag, regexec(sprintf('\\s%s="([^"]*)"', name), tag))[[1]]
  if (length(found)) found[2] else ""
}

# What a page loads, instead of a tag that loads it from the network. `root` leads from the page to the site's root.
local_tag <- function(tag, root) {
  script <- startsWith(tag, "<script")
  address <- attribute(tag, if (script) "src" else "href")
  if (grepl(needless, address)) {
    return("")
  }
  ends <- function(x) names(x)[endsWith(address, names(x))]
  if (length(ends(own))) {
    path <- file.path("lib", own[[ends(own)]])
    file.copy(file.path("pkgdown", own[[ends(own)]]), file.path(site, path), overwrite = TRUE)
  } else if (length(ends(libraries))) {
    path <- add_library(libraries[[ends(libraries)]], attribute(tag, "integrity"))
  } else {
    stop("dev/site.R does not know where npm has ", address, call. = FALSE)
  }
  if (script) {
    sprintf('<script src="%s%s"></script>', root, path)
  } else {
    sprintf('<link rel="stylesheet" href="%s%s">', root, path)
  }
}

# A link to a file that is in the repository and not in the site becomes its text.
without_dead_links <- function(html, page) {
  pattern <- '<a\\s[^>]*href="[^"#]+["#][^>]*>'
  links <- unique(regmatches(html, gregexpr(pattern, html, perl = TRUE))[[1]])
  for (link in links) {
    target <- sub("[#?].*$", "", attribute(link, "href"))
    if (
      !nzchar(target) || grepl("^([a-z]+:|//)", target) || file.exists(file.path(site, dirname(page), target))
    ) {
      next
    }
    source <- c(target, sub("[.]html$", ".md", target))
    if (!any(file.exists(source))) {
      stop(page, " links to ", target, ", which is not there", call. = FALSE)
    }
    parts <- strsplit(html, link, fixed = TRUE)[[1]]
    html <- paste(c(parts[1], sub("</a>", "", parts[-1], fixed = TRUE)), collapse = "")
  }
  html
}

make_local <- function(page) {
  file <- file.path(site, page)
  root <- strrep("../", lengths(gregexpr("/", page, fixed = TRUE)) * grepl("/", page, fixed = TRUE))
  html <- read_text(file)
  html <- gsub("(?s)<!--\\[if [^]]*\\]>.*?<!\\[endif\\]-->", "", html, perl = TRUE)
  pattern <- paste0(
    '<script[^>]*\\ssrc="([a-z]+:)?//[^>]*></script>|',
    '<link(?=[^>]*\\srel="stylesheet")[^>]*\\shref="([a-z]+:)?//[^>]*>'
  )
  tags <- gregexpr(pattern, html, perl = TRUE)
  regmatches(html, tags) <- lapply(regmatches(html, tags), vapply, local_tag, "", root = root)
  write_text(without_dead_links(html, page), file)
}

# What a browser would load from elsewhere, whatever it is.
loaded_from_elsewhere <- function(file) {
  text <- read_text(file)
  pattern <- if (grepl("[.]css$", file)) {
    "(url\\(\\s*[\"']?|@import\\s+[\"'])([a-z]+:)?//[^)\"']*"
  } else {
    paste0(
      '\\s(src|srcset|poster|data)="([a-z]+:)?//[^"]*|',
      '<link(?=[^>]*\\srel="(stylesheet|icon|preload|preconnect|manifest))[^>]*\\shref="([a-z]+:)?//[^"]*|',
      "class=\"math"
    )
  }
  found <- regmatches(text, gregexpr(pattern, text, perl = TRUE))[[1]]
  sprintf("%s: %s", file, found)
}

# See pkgdown/extra.js.
write_search_index <- function() {
  index <- read_text(file.path(site, "search.json"))
  write_text(paste0("window.searchIndex = ", index, ";"), file.path(site, "search.js"))
  unlink(file.path(site, "search.json"))
}

# What examples draw before pkgdown gives it a name; no page shows these files.
remove_stray_plots <- function() {
  unlink(Sys.glob(file.path(site, "reference", "Rplot[0-9]*.png")))
}

build <- function() {
  # Neither pkgdown nor downlit, which makes its links, is to ask CRAN or the sites of other packages.
  options(pkgdown.internet = FALSE)
  utils::assignInNamespace("fetch_yaml", function(url) NULL, "downlit")
  nothing <- data.frame(Package = character(), URL = character())
  utils::assignInNamespace("CRAN_urls", function() nothing, "downlit")
  unlink(site, recursive = TRUE)
  pkgdown::build_site(install = FALSE, devel = FALSE, preview = FALSE, new_process = FALSE)
}

for (package in unique(package_of(libraries))) {
  fetch_library(package)
}
build()
remove_stray_plots()
dir.create(file.path(site, "lib"))
for (page in list.files(site, "[.]html$", recursive = TRUE)) {
  make_local(page)
}
write_search_index()
files <- list.files(site, "[.](html|css)$", recursive = TRUE, full.names = TRUE)
elsewhere <- unlist(lapply(files, loaded_from_elsewhere))
if (length(elsewhere)) {
  stop("Pages would load from the network:\n", paste(elsewhere, collapse = "\n"), call. = FALSE)
}
message("The site is in ", site, ": open ", site, "/index.html")
