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
    stopifnot("the locale is not available" = !Sys.getlocale("LC_CTYPE") %in% c("C", "POSIX"))
    # The test's environment is not sent along.
    do.call(code, args)
  }
  environment(code) <- globalenv()
  callr::r(in_it, list(code, args), env = env)
}

# The folder for LOCPATH with the locale, made once per session.
local_locale <- function(locale) {
  testthat::skip_if(
    !nzchar(Sys.which("localedef")) || !dir.exists("/usr/share/i18n"),
    "localedef is not installed"
  )
  dir <- file.path(tempdir(), "locales")
  parts <- strsplit(locale, ".", fixed = TRUE)[[1]]
  if (!dir.exists(file.path(dir, locale))) {
    dir.create(dir, showWarnings = FALSE)
    # Its warnings do not matter.
    system2(
      "localedef",
      c("-c", "-i", parts[1], "-f", parts[2], file.path(dir, locale)),
      stdout = FALSE,
      stderr = FALSE
    )
  }
  dir
}
