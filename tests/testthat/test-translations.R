# A folder with a German translation of some messages, as R looks for it.
german <- function(frame = parent.frame()) {
  messages <- c(
    "`%s` must be a string, not %s.",
    "`%s` muss eine Zeichenkette sein, ist aber %s.",
    "a number",
    "eine Zahl",
    "`%s` has no `%s`. Did you mean %s?",
    # In another order.
    "Ist mit `%2$s` vielleicht %3$s gemeint? `%1$s` kennt es nicht.",
    "`%s` has no `%s`. It can have: %s.",
    "`%2$s` geh\u00f6rt nicht zu `%1$s` (%3$s).",
    "%s or %s",
    "%s oder %s",
    "Error without a code (HTTP %d).",
    "Fehler ohne Code (HTTP %d).",
    "See vignette(\"troubleshooting\", \"rekognition\") or ?rekognition_conditions.",
    "N\u00e4heres sagt vignette(\"troubleshooting\", \"rekognition\").",
    "answers (%s, HTTP %s)",
    "antwortet (%s, HTTP %s)"
  )
  quoted <- function(x) paste0("\"", gsub("\"", "\\\"", x, fixed = TRUE), "\"")
  is_original <- seq_along(messages) %% 2 == 1
  lines <- c(
    "msgid \"\"",
    "msgstr \"\"",
    "\"Language: de\\n\"",
    "\"Content-Type: text/plain; charset=UTF-8\\n\"",
    "\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"",
    paste(ifelse(is_original, "\nmsgid", "msgstr"), quoted(messages)),
    "\nmsgid \"%s has no meaning here and is ignored.\"",
    "msgid_plural \"%s have no meaning here and are ignored.\"",
    "msgstr[0] \"%s ist hier bedeutungslos.\"",
    "msgstr[1] \"%s sind hier bedeutungslos.\""
  )
  dir <- withr::local_tempdir(.local_envir = frame)
  po <- file.path(dir, "R-de.po")
  writeLines(enc2utf8(lines), po, useBytes = TRUE)
  expect_identical(nrow(tools::checkPoFile(po, strictPlural = TRUE)), 0L)
  folder <- file.path(dir, "de", "LC_MESSAGES")
  dir.create(folder, recursive = TRUE)
  mo <- file.path(folder, "R-rekognition.mo")
  expect_identical(system2("msgfmt", c("-o", shQuote(mo), shQuote(po))), 0L)
  dir
}

# What code gives in a fresh R that speaks German.
in_german <- function(code) {
  skip_if_not(capabilities("NLS"), "R can translate messages")
  skip_if(Sys.which("msgfmt") == "", "msgfmt is not installed")
  run <- function(code, dir) {
    bindtextdomain("R-rekognition", dir)
    # The domain is named: this asks the machine, not the package.
    if (gettext("a number", domain = "R-rekognition") == "eine Zahl") code()
  }
  environment(code) <- globalenv()
  # R translates nothing in the locale C, and some systems nothing in C.UTF-8.
  for (locale in c("C.UTF-8", "en_US.UTF-8", "de_DE.UTF-8")) {
    env <- c(
      callr::rcmd_safe_env(),
      R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep),
      LC_ALL = locale,
      LANGUAGE = "de"
    )
    found <- callr::r(run, list(code, german()), env = env, stderr = NULL)
    if (!is.null(found)) {
      return(found)
    }
  }
  skip("no locale in which messages are translated")
}

test_that("messages of conditions are translated, with their parts in the order of the translation", {
  found <- in_german(function() {
    caught <- function(expr) conditionMessage(tryCatch(expr, condition = identity))
    list(
      string = caught(rekognition::rekognition_get_face_liveness_session_results(1)),
      meant = caught(rekognition::rekognition(config = list(proxi = "x"))),
      choice = caught(rekognition::rekognition(list(time = 1))),
      one = caught(rekognition::rekognition(list(retryer = "x", disable_ssl = FALSE))),
      two = caught(rekognition::rekognition(list(retryer = "x", disable_ssl = TRUE)))
    )
  })
  expect_identical(found$string, "`SessionId` muss eine Zeichenkette sein, ist aber eine Zahl.")
  pointer <- "\ni N\u00e4heres sagt vignette(\"troubleshooting\", \"rekognition\")."
  expect_identical(
    found$meant,
    paste0("Ist mit `proxi` vielleicht `proxy` gemeint? `config` kennt es nicht.", pointer)
  )
  expect_match(
    found$choice,
    "vielleicht `timeout`, `read_timeout` oder `connect_timeout` gemeint?",
    fixed = TRUE
  )
  expect_identical(found$one, "`retryer` ist hier bedeutungslos.")
  expect_identical(found$two, "`disable_ssl`, `retryer` sind hier bedeutungslos.")
})

test_that("a percent sign in what a translated message is about stays what it is", {
  found <- in_german(function() {
    settings <- stats::setNames(list(1), "100%s %d\u00e9")
    conditionMessage(tryCatch(
      rekognition::rekognition_create_face_liveness_session(Settings = settings),
      error = identity
    ))
  })
  expect_identical(
    found,
    "`100%s %d\u00e9` geh\u00f6rt nicht zu `Settings` (`OutputConfig`, `AuditImagesLimit`, `ChallengePreferences`)."
  )
})

test_that("what is not translated is English, and classes do not change with the language", {
  found <- in_german(function() {
    emulator <- rekognition::rekognition_emulator()
    on.exit(emulator$stop())
    svc <- rekognition::rekognition(emulator$config)
    emulator$fault("html", times = 2, status_code = 404)
    answer <- tryCatch(svc$create_face_liveness_session(), error = identity)
    report <- rekognition::rekognition_sitrep(svc)
    list(message = conditionMessage(answer), class = class(answer), report = unclass(report))
  })
  hint <- "The answer is not one of the service's: a proxy or a load balancer on the way may have given it."
  expect_identical(
    strsplit(found$message, "\n")[[1]],
    c(
      "Fehler ohne Code (HTTP 404).",
      paste("i", hint),
      "i N\u00e4heres sagt vignette(\"troubleshooting\", \"rekognition\")."
    )
  )
  expect_identical(
    found$class,
    c("http_404", "http_error", "rekognition_service_error", "rekognition_error", "error", "condition")
  )
  expect_identical(found$report$service, "antwortet (NA, HTTP 404)")
  # Without the vignette, also in German.
  expect_identical(found$report$advice, paste0("Fehler ohne Code (HTTP 404).\ni ", hint))
})
