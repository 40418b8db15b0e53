# The Shiny module in shiny::testServer(): its states, with a relay that the tests control.

skip_if_not_installed("shiny")
skip_if_not_installed("promises")
skip_without_page()

# Runs the event loop until the check has this state.
until <- function(check, state) {
  wait_until(
    {
      later::run_now(0.02)
      shiny::isolate(check$state()) == state
    },
    paste("the state is", state)
  )
}

# Starts a check unless one is running, and returns what R writes to stderr until it has failed.
failing <- function(check) {
  utils::capture.output(type = "message", {
    check$start()
    until(check, "failed")
  })
}

created <- function(emulator) {
  requests <- emulator$requests()
  sum(requests$operation == "CreateFaceLivenessSession")
}

# What the app sees: the state, the status of the result, and the class of the error.
view <- function(check) {
  shiny::isolate(list(check$state(), check$result()$status, class(check$error())[1]))
}

test_that("a check has a session, a video and a result, and the next check has others", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  relay <- local_fake_relay()
  settings <- list(AuditImagesLimit = 2)
  shiny::testServer(liveness_check_server, args = list(id = "check", svc = svc, Settings = settings), {
    check <- session$returned
    expect_identical(view(check), list("idle", NULL, "NULL"))
    for (confidence in c(98.7654, 12.3456)) {
      expect_true(check$start())
      expect_identical(view(check), list("starting", NULL, "NULL"))
      until(check, "checking")
      expect_false(check$start())
      # Code that runs R's event loop until it is empty does not wait for the check.
      wait_until(
        {
          later::run_now(0.02)
          later::loop_empty()
        },
        "the event loop is empty",
        timeout = 20
      )
      emulator$check(relay()$session_id, confidence = confidence)
      relay("completed")
      until(check, "fetching")
      expect_false(check$start())
      until(check, "done")
      expect_identical(check$result()$session_id, relay()$session_id)
      expect_identical(check$result()$confidence, confidence)
      expect_identical(check$result()$n_audit_images, 2L)
      expect_s3_class(check$result(), "liveness_results")
      expect_null(check$error())
      expect_false(check$cancel())
    }
    expect_identical(created(emulator), 2L)
  })
})

test_that("R goes on while the session is created and the result is fetched", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  relay <- local_fake_relay()
  shiny::testServer(liveness_check_server, args = list(id = "check", svc = svc), {
    check <- session$returned
    emulator$fault("delay", seconds = 1)
    check$start()
    expect_identical(check$state(), "starting")
    until(check, "checking")
    relay("completed")
    until(check, "fetching")
    # The service is still busy with the video.
    wait_until(
      {
        later::run_now(0.02)
        nrow(results_requests(emulator)) > 1
      },
      "R polls"
    )
    emulator$check(relay()$session_id, status = "FAILED")
    until(check, "done")
    expect_identical(view(check), list("done", "FAILED", "NULL"))
    expect_identical(check$result()$confidence, NA_real_)
  })
})

test_that("what an earlier check receives is not taken for the result of a later one", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  relay <- local_fake_relay()
  shiny::testServer(liveness_check_server, args = list(id = "check", svc = svc), {
    check <- session$returned
    # Canceled while its session is created, and while its result is fetched.
    emulator$fault("delay", seconds = 0.5)
    check$start()
    expect_true(check$cancel())
    check$start()
    until(check, "checking")
    first <- relay()$session_id
    emulator$check(first, confidence = 99)
    emulator$fault("delay", seconds = 0.5)
    relay("completed")
    until(check, "fetching")
    expect_true(check$cancel())
    expect_identical(view(check), list("cancelled", NULL, "NULL"))
    check$start()
    until(check, "checking")
    settled(liveness_promise(first, svc))
    expect_identical(view(check), list("checking", NULL, "NULL"))
    # A relay of an earlier check is not asked any more.
    relay("completed", n = 1)
    settled(liveness_promise(first, svc))
    expect_identical(check$state(), "checking")
    expect_false(identical(relay()$session_id, first))
    expect_identical(relay(n = 1)$state, "completed")
    check$cancel()
    expect_identical(relay()$state, "closed")
  })
})

test_that("a failure is a condition, and the app can start again", {
  emulator <- test_emulator()
  svc <- rekognition(config = c(emulator$config, max_retries = 0))
  relay <- local_fake_relay()
  shiny::testServer(liveness_check_server, args = list(id = "check", svc = svc), {
    check <- session$returned
    emulator$fault("error", code = "AccessDeniedException", message = "not allowed", status_code = 400)
    log <- failing(check)
    expect_match(log, "Face Liveness check \"check\": AccessDeniedException", all = FALSE)
    expect_s3_class(check$error(), "AccessDeniedException")
    expect_null(check$result())

    check$start()
    until(check, "checking")
    expect_null(check$error())
    error <- structure(
      class = c("ThrottlingException", "rekognition_error", "error", "condition"),
      list(message = "slow")
    )
    relay("failed", error)
    failing(check)
    expect_identical(check$error(), error)

    # No result.
    check$start()
    until(check, "checking")
    emulator$put_result(relay()$session_id, "{}")
    relay("completed")
    failing(check)
    expect_s3_class(check$error(), "rekognition_response_error")
    expect_null(check$result())
  })
  unreachable <- rekognition(emulator$config, endpoint = "http://127.0.0.1:9", region = "us-east-1")
  shiny::testServer(liveness_check_server, args = list(id = "check", svc = unreachable), {
    failing(session$returned)
    expect_s3_class(session$returned$error(), "rekognition_connection_error")
  })
  shiny::testServer(liveness_check_server, args = list(id = "check", svc = svc, Settings = list(Audit = 1)), {
    failing(session$returned)
    expect_s3_class(session$returned$error(), "rekognition_argument_error")
  })
})

test_that("the number of checks is limited, in a Shiny session and in the process", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  local_fake_relay()
  shiny::testServer(liveness_check_server, args = list(id = "check", svc = svc, max_checks = 2), {
    check <- session$returned
    for (i in 1:2) {
      check$start()
      check$cancel()
    }
    expect_false(check$start())
    expect_identical(check$state(), "failed")
    expect_s3_class(check$error(), "rekognition_check_error")
    expect_identical(check$error()$state, "TOO_MANY_CHECKS")
  })
  server <- function(id) {
    shiny::moduleServer(id, function(input, output, session) {
      lapply(1:3, function(i) liveness_check_server(paste0("check", i), svc, max_active = 2))
    })
  }
  shiny::testServer(server, args = list(id = "app"), {
    checks <- session$returned
    for (check in checks[1:2]) {
      check$start()
      until(check, "checking")
    }
    expect_false(checks[[3]]$start())
    expect_identical(checks[[3]]$error()$state, "BUSY")
    checks[[1]]$cancel()
    expect_true(checks[[3]]$start())
    # Those of all modules count.
    checks[[2]]$cancel()
    for (i in 1:2) {
      checks[[1]]$start()
      checks[[1]]$cancel()
    }
    expect_false(checks[[2]]$start())
    expect_identical(checks[[2]]$error()$state, "TOO_MANY_CHECKS")
  })
  # None is left when its Shiny session has ended.
  shiny::testServer(liveness_check_server, args = list(id = "check", svc = svc, max_active = 1), {
    expect_true(session$returned$start())
  })
  expect_identical(in_process("active_checks"), 0)
})

test_that("the end of a Shiny session, and a new server of the same ID, end the check", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  relay <- local_fake_relay()
  server <- function(id) {
    shiny::moduleServer(id, function(input, output, session) {
      check_server <- function() liveness_check_server("check", svc)
    })
  }
  shiny::testServer(server, args = list(id = "app"), {
    first <- check_server()
    first$start()
    until(first, "checking")
    second <- check_server()
    expect_identical(first$state(), "cancelled")
    expect_identical(relay()$state, "closed")
    expect_false(first$start())
    second$start()
    until(second, "checking")
    expect_identical(relay()$state, "waiting")
  })
  expect_identical(relay()$state, "closed")
})

# Earlier versions cannot destroy a module.
if (utils::packageVersion("shiny") >= "1.14.0") {
  test_that("a module that is destroyed ends its check", {
    emulator <- test_emulator()
    svc <- rekognition(emulator$config)
    relay <- local_fake_relay()
    server <- function(id) {
      shiny::moduleServer(id, function(input, output, session) {
        check <- liveness_check_server("check", svc)
      })
    }
    shiny::testServer(server, args = list(id = "app"), {
      check$start()
      until(check, "checking")
      session$destroy("check")
      expect_identical(relay()$state, "closed")
      expect_false(check$start())
      expect_false(check$cancel())
    })
    expect_identical(in_process("active_checks"), 0)
  })
}

test_that("direct mode passes the ticket of the role", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  roles <- character()
  direct <- function(svc, session_id, role_arn) {
    roles <<- c(roles, role_arn)
    promises::promise(function(resolve, reject) {
      if (role_arn == "none") stop("no such role") else resolve(list(mode = "direct", sessionId = session_id))
    })
  }
  original <- liveness_direct
  utils::assignInNamespace("liveness_direct", direct, "rekognition")
  withr::defer(utils::assignInNamespace("liveness_direct", original, "rekognition"))
  run <- function(role_arn) {
    shiny::testServer(
      liveness_check_server,
      args = list(id = "check", svc = svc, mode = "direct", role_arn = role_arn),
      {
        check <- session$returned
        if (role_arn == "none") {
          log <- failing(check)
          expect_match(log, "no such role", all = FALSE)
        } else {
          check$start()
          until(check, "checking")
        }
      }
    )
  }
  run("arn:aws:iam::123456789012:role/check")
  run("none")
  expect_identical(roles, c("arn:aws:iam::123456789012:role/check", "none"))
})

test_that("invalid arguments are refused before a check", {
  svc <- rekognition(test_emulator()$config)
  refused <- function(expr, argument, message) {
    error <- caught(expr)
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, argument)
    expect_match(conditionMessage(error), message, fixed = TRUE)
  }
  refused(liveness_check_ui(), "id", "`id` is missing.")
  refused(liveness_check_ui(1), "id", "`id` must be a string, not a number.")
  refused(liveness_check_ui(""), "id", "`id` must not be empty.")
  refused(liveness_check_ui("check", "x"), "...", "must be named")
  refused(liveness_check_ui("check", label = NULL), "label", "`label` must be a string, not NULL.")
  refused(liveness_check_ui("check", start_screen = "no"), "start_screen", "must be TRUE or FALSE")
  refused(liveness_check_ui("check", text = "Los"), "text", "`text` must be a list, not a string.")
  refused(liveness_check_ui("check", text = list("Los")), "text", "must be named")
  refused(liveness_check_ui("check", text = list(tryAgainTxt = "x")), "text", "Did you mean `tryAgainText`?")
  refused(liveness_check_ui("check", text = list(tryAgainText = 1)), "text$tryAgainText", "must be a string")
  refused(liveness_check_server(), "id", "`id` is missing.")
  refused(
    liveness_check_server("check", "svc"),
    "svc",
    "must be a client from `rekognition()`, not a string."
  )
  refused(liveness_check_server("check", svc, "relay"), "...", "must be named")
  refused(liveness_check_server("check", svc, strat = "auto"), "...", "Did you mean `start`?")
  refused(liveness_check_server("check", svc, mode = "both"), "mode", "\"relay\" or \"direct\", not \"both\"")
  refused(liveness_check_server("check", svc, mode = "direct"), "role_arn", "requires `role_arn`")
  refused(liveness_check_server("check", svc, role_arn = "x"), "role_arn", "requires `mode = \"direct\"`")
  refused(liveness_check_server("check", svc, start = "now"), "start", "\"manual\", not \"now\"")
  refused(liveness_check_server("check", svc, max_checks = 0), "max_checks", "must be at least 1, not 0.")
  refused(liveness_check_server("check", svc, max_active = 1.5), "max_active", "must be a whole number")
})

test_that("the user interface asks for the package's own files only", {
  ui <- liveness_check_ui(
    "app-check",
    style = "margin: 1em",
    label = "<Los>",
    text = list(tryAgainText = "\"Nochmal\" \u00e4")
  )
  html <- htmltools::renderTags(ui)
  expect_match(html$html, "id=\"app-check-page\"", fixed = TRUE)
  expect_match(html$html, "style=\"margin: 1em\"", fixed = TRUE)
  expect_match(html$html, "&lt;Los&gt;</button>", fixed = TRUE)
  options <- jsonlite::fromJSON(htmltools::tagQuery(ui)$selectedTags()[[1]]$attribs$`data-options`)
  expect_identical(options, list(text = list(tryAgainText = "\"Nochmal\" \u00e4"), startScreen = TRUE))
  own <- Filter(function(dependency) startsWith(dependency$name, "rekognition"), html$dependencies)
  expect_length(own, 1)
  expect_null(own[[1]]$src$href)
  expect_identical(normalizePath(own[[1]]$src$file), normalizePath(liveness_page()))
  files <- unlist(own[[1]][c("script", "stylesheet", "attachment")])
  expect_true(all(file.exists(file.path(liveness_page(), files))))
  # The browser gets each file once.
  expect_length(htmltools::resolveDependencies(c(html$dependencies, html$dependencies)), 1)
})

test_that("the texts that can be replaced are those of the scripts", {
  read <- function(name) paste(readLines(file.path(liveness_page(), name), warn = FALSE), collapse = "\n")
  scripts <- paste(read("liveness.js"), read("shiny.js"))
  replaceable <- get("liveness_texts", asNamespace("rekognition"))
  expect_identical(
    Filter(function(name) !grepl(paste0("\\b", name, "\\b"), scripts), replaceable),
    character()
  )
  # Those that have an English text.
  pattern <- "\\b[a-z][a-zA-Z0-9]+Text(?=:\\s*[\"'])"
  named <- unlist(regmatches(scripts, gregexpr(pattern, scripts, perl = TRUE)))
  # The first is no text; AWS's component has the others under a second, misspelled name.
  named <- grep("^messageText$|photosensitivy", named, value = TRUE, invert = TRUE)
  expect_identical(setdiff(named, replaceable), character())
  expect_gt(length(replaceable), 70)
})

test_that("an element that is added later writes nothing to the log", {
  dependencies <- htmltools::findDependencies(liveness_check_ui("check"))
  web <- lapply(dependencies, function(dependency) unclass(shiny::createWebDependency(dependency)))
  expect_no_message(jsonlite::toJSON(web, auto_unbox = TRUE, keep_vec_names = TRUE))
})
