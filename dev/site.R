# Builds the website in .build/site with pkgdown, so that no page loads anything from the network: `make site`. npm
# fetches the libraries of the pages, once.
#
# pkgdown 2.1 and later bring the libraries along, but fetch them from content delivery networks during the build;
# earlier versions let the browser do that. Here pkgdown takes them as assets, and a template of its own without the
# addresses.

site <- ".build/site"
npm <- ".build/site-npm"
assets <- ".build/site-assets"
templates <- ".build/site-templates"

# What pkgdown's pages load, by the end of the address, and where npm has it. Each file must have the hash that the
# template gives, so it is the very file that the template names.
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
packages <- unique(sub("^(@?[^@]+@[^/]+)/.*$", "\\1", libraries))
# npm has no package bootstrap-toc.
own <- c("bootstrap-toc.min.js" = "toc.js")
# For formulas, of which there are none.
needless <- "MathJax[.]js|mathjax/"

read_text <- function(path) paste(readLines(path, encoding = "UTF-8", warn = FALSE), collapse = "\n")
write_text <- function(text, path) writeLines(enc2utf8(text), path, useBytes = TRUE)
copy <- function(from, to) {
  dir.create(dirname(to), recursive = TRUE, showWarnings = FALSE)
  stopifnot(file.copy(from, to, overwrite = TRUE))
}
attribute <- function(tag, name) {
  found <- regmatches(tag, regexec(sprintf('\\s%s="([^"]*)"', name), tag))[[1]]
  if (length(found)) found[2] else ""
}

fetch_libraries <- function() {
  if (file.exists(file.path(npm, "done")) && identical(readLines(file.path(npm, "done")), packages)) {
    return()
  }
  if (!nzchar(Sys.which("npm"))) {
    stop("npm is needed, to fetch the libraries of the pages: https://nodejs.org", call. = FALSE)
  }
  unlink(npm, recursive = TRUE)
  dir.create(npm, recursive = TRUE)
  options <- c("--silent", "--no-fund", "--no-audit", "--ignore-scripts", "--legacy-peer-deps")
  if (system2("npm", c("install", options, "--prefix", npm, shQuote(packages))) != 0) {
    stop("npm cannot fetch the libraries of the pages", call. = FALSE)
  }
  writeLines(packages, file.path(npm, "done"))
}

check_integrity <- function(file, integrity) {
  algorithm <- sub("-.*$", "", integrity)
  hash <- jsonlite::base64_enc(digest::digest(file = file, algo = algorithm, raw = TRUE))
  if (paste0(algorithm, "-", gsub("\n", "", hash, fixed = TRUE)) != integrity) {
    stop(file, " does not have the hash in pkgdown's template: ", integrity, call. = FALSE)
  }
}

# The same tag with the site's own file, which becomes an asset. `{{root}}` leads from a page to the site's root.
local_tag <- function(tag) {
  script <- startsWith(tag, "<script")
  address <- attribute(tag, if (script) "src" else "href")
  if (grepl(needless, address)) {
    return("")
  }
  known <- c(own, libraries)
  known <- known[endsWith(address, names(known))]
  if (length(known) != 1) {
    stop("dev/site.R does not know where npm has ", address, call. = FALSE)
  }
  if (known %in% own) {
    path <- file.path("lib", known)
    copy(file.path("pkgdown", known), file.path(assets, path))
  } else {
    file <- sub("(.)@[^/]+", "\\1", known)
    check_integrity(file.path(npm, "node_modules", file), attribute(tag, "integrity"))
    path <- file.path("lib", file)
    copy(file.path(npm, "node_modules", file), file.path(assets, path))
  }
  path <- paste0("{{#site}}{{root}}{{/site}}", path)
  if (script) {
    sprintf('<script src="%s"></script>', path)
  } else {
    sprintf('<link rel="stylesheet" href="%s">', path)
  }
}

write_template <- function() {
  unlink(c(assets, templates), recursive = TRUE)
  html <- read_text(system.file("BS5", "templates", "head.html", package = "pkgdown", mustWork = TRUE))
  # For old versions of Internet Explorer.
  html <- gsub("(?s)<!--\\[if [^]]*\\]>.*?<!\\[endif\\]-->", "", html, perl = TRUE)
  pattern <- paste0(
    '<script\\ssrc="([a-z]+:)?//[^>]*></script>|',
    '<link(?=[^>]*\\srel="stylesheet")[^>]*\\shref="([a-z]+:)?//[^>]*>'
  )
  tags <- gregexpr(pattern, html, perl = TRUE)
  regmatches(html, tags) <- lapply(regmatches(html, tags), vapply, local_tag, "")
  dir.create(templates, recursive = TRUE)
  write_text(html, file.path(templates, "head.html"))
  # Its style sheet loads them.
  fonts <- Sys.glob(file.path(npm, "node_modules", "@fortawesome", "fontawesome-free", "webfonts", "*.woff2"))
  copy_font <- function(font) copy(font, file.path(assets, "lib", sub("^.*node_modules/", "", font)))
  invisible(lapply(fonts, copy_font))
}

build <- function() {
  # Neither pkgdown nor downlit, which makes its links, may ask CRAN or the sites of other packages.
  options(pkgdown.internet = FALSE)
  utils::assignInNamespace("fetch_yaml", function(url) NULL, "downlit")
  nothing <- data.frame(Package = character(), URL = character())
  utils::assignInNamespace("CRAN_urls", function() nothing, "downlit")
  unlink(site, recursive = TRUE)
  pkgdown::build_site(
    override = list(template = list(path = normalizePath(templates), assets = assets)),
    install = FALSE,
    devel = FALSE,
    preview = FALSE,
    new_process = FALSE
  )
  # Plots that examples draw before pkgdown names them; no page shows these files.
  unlink(Sys.glob(file.path(site, "reference", "Rplot[0-9]*.png")))
}

# A link to a file that is in the repository and not in the site becomes its text.
without_dead_links <- function(html, page) {
  html <- gsub('href=".github/', 'href="', html, fixed = TRUE)
  pattern <- '<a\\s[^>]*href="[^"#]+["#][^>]*>'
  links <- unique(regmatches(html, gregexpr(pattern, html, perl = TRUE))[[1]])
  for (link in links) {
    target <- sub("[#?].*$", "", attribute(link, "href"))
    external <- !nzchar(target) || grepl("^([a-z]+:|//)", target)
    if (external || file.exists(file.path(site, dirname(page), target))) {
      next
    }
    if (!any(file.exists(c(target, sub("[.]html$", ".md", target))))) {
      stop(page, " links to ", target, ", which does not exist", call. = FALSE)
    }
    parts <- strsplit(html, link, fixed = TRUE)[[1]]
    html <- paste(c(parts[1], sub("</a>", "", parts[-1], fixed = TRUE)), collapse = "")
  }
  html
}

# pkgdown/extra.js loads it as a script, since a browser refuses search.json to a page that was opened as a file.
write_search_index <- function() {
  index <- read_text(file.path(site, "search.json"))
  write_text(paste0("window.searchIndex = ", index, ";"), file.path(site, "search.js"))
  unlink(file.path(site, "search.json"))
}

# Everything that a browser would load from elsewhere.
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

fetch_libraries()
write_template()
build()
for (page in list.files(site, "[.]html$", recursive = TRUE)) {
  file <- file.path(site, page)
  write_text(without_dead_links(read_text(file), page), file)
}
write_search_index()
files <- list.files(site, "[.](html|css)$", recursive = TRUE, full.names = TRUE)
elsewhere <- unlist(lapply(files, loaded_from_elsewhere))
if (length(elsewhere)) {
  stop("Pages would load from the network:\n", paste(elsewhere, collapse = "\n"), call. = FALSE)
}
message("The website is in ", site, ": open ", site, "/index.html")
