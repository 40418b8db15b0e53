# Each help page and each article has its place in pkgdown/_pkgdown.yml, and what is there exists. `make lint` calls it.
# It needs neither pkgdown nor the package. (pkgdown's own check is silent where something does not exist.)

index <- yaml::read_yaml("pkgdown/_pkgdown.yml")
contents <- function(sections) unlist(lapply(sections, function(section) section$contents))

rd <- lapply(list.files("man", "[.]Rd$", full.names = TRUE), readLines, encoding = "UTF-8")
names_in <- function(lines, tag) {
  sub("^\\\\[a-z]+\\{(.*)\\}$", "\\1", grep(sprintf("^\\\\%s\\{", tag), lines, value = TRUE))
}
aliases <- lapply(rd, names_in, "alias")
internal <- vapply(rd, function(lines) "internal" %in% names_in(lines, "keyword"), NA)
exported <- sub("^export\\((.*)\\)$", "\\1", grep("^export\\(", readLines("NAMESPACE"), value = TRUE))
articles <- sub("[.]Rmd$", "", list.files("vignettes", "[.]Rmd$"))

listed <- contents(index$reference)
has_place <- vapply(aliases, function(names) any(names %in% listed), NA) | internal
problems <- c(
  sprintf("%s has no place in pkgdown/_pkgdown.yml", vapply(aliases[!has_place], `[[`, "", 1)),
  sprintf("%s is exported and not in pkgdown/_pkgdown.yml", setdiff(exported, listed)),
  sprintf("%s is in pkgdown/_pkgdown.yml and has no help page", setdiff(listed, unlist(aliases))),
  # The article with the package's name is "Get started", outside of the list.
  sprintf(
    "the article %s has no place in pkgdown/_pkgdown.yml",
    setdiff(articles, c(contents(index$articles), "rekognition"))
  ),
  sprintf("the article %s is in pkgdown/_pkgdown.yml and not there", setdiff(contents(index$articles), articles))
)
if (length(problems)) {
  stop("the website's index:\n", paste(problems, collapse = "\n"), call. = FALSE)
}
