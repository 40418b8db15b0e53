# Runs code in a fresh R in a locale such as "tr_TR.UTF-8" or "de_DE.ISO-8859-1", which is compiled for the tests
# because machines rarely have it. `language` is the language of R's own messages.
run_in_locale <- function(locale, code, args = list(), language = "en") {
  testthat::skip_on_cran()
  testthat::skip_if_not_installed("callr")
  env <- c(
    callr::rcmd_safe_env(),
    R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep),
    LC_ALL = locale,
    LANGUAGE = language,
    LOCPATH = local_locale(locale)
  )
  in_it <- function(code, args) {
    stopifnot("the locale is not there" = !Sys.getlocale("LC_CTYPE") %in% c("C", "POSIX"))
    # Functions come without the environment of the test.
    do.call(code, args)
  }
  environment(code) <- globalenv()
  callr::r(in_it, list(code, args), env = env)
}

# The folder for LOCPATH that has the locale, made once in a session.
local_locale <- function(locale) {
  testthat::skip_if(
    !nzchar(Sys.which("localedef")) || !dir.exists("/usr/share/i18n"),
    "there is no localedef"
  )
  dir <- file.path(tempdir(), "locales")
  parts <- strsplit(locale, ".", fixed = TRUE)[[1]]
  if (!dir.exists(file.path(dir, locale))) {
    dir.create(dir, showWarnings = FALSE)
    # It warns of details.
    system2(
      "localedef",
      c("-c", "-i", parts[1], "-f", parts[2], file.path(dir, locale)),
      stdout = FALSE,
      stderr = FALSE
    )
  }
  dir
}
