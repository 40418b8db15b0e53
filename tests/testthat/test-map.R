results_input <- function(id) list(SessionId = id)

is_condition <- function(values) {
  vapply(values, inherits, NA, "condition")
}

test_that("values are those of single calls, in the order of `x`, with its names", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 12, Settings = list(AuditImagesLimit = 1))
  names(ids) <- letters[1:12]
  # The first call ends last.
  emulator$fault("delay", seconds = 0.5)
  values <- rekognition_map(ids, svc$get_face_liveness_session_results, results_input)
  expect_identical(values, lapply(ids, svc$get_face_liveness_session_results))
  expect_null(names(rekognition_map(unname(ids), svc$get_face_liveness_session_results, results_input)))
})

test_that("images are read from files when their turn comes", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  files <- system.file("extdata", c("face-0.jpg", "face-1.jpg"), package = "rekognition")
  files <- c(rep(files, 5), "no-such-file.jpg")
  values <- rekognition_map(files, svc$detect_faces, function(path) list(Image = rekognition_image(path)))
  expect_identical(values[1:2], lapply(files[1:2], function(path) svc$detect_faces(rekognition_image(path))))
  expect_identical(values[3:10], rep(values[1:2], 4))
  expect_s3_class(values[[11]], "rekognition_file_error")
})

test_that("`x` can be any vector or list, also an empty one", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  seen <- list()
  collect <- function(x) {
    seen <<- c(seen, list(x))
    list(SessionId = id)
  }
  map <- function(x) rekognition_map(x, svc$get_face_liveness_session_results, collect, max_active = 1)
  today <- Sys.Date()
  expect_length(map(c(today, today + 1)), 2)
  expect_length(map(list(a = NULL, b = 1:3)), 2)
  expect_identical(seen, list(today, today + 1, NULL, 1:3))
  before <- nrow(emulator$requests())
  expect_identical(map(NULL), list())
  expect_identical(map(character()), list())
  expect_identical(map(c(a = 1)[0]), stats::setNames(list(), character()))
  expect_identical(nrow(emulator$requests()), before)
})

test_that("errors are kept in their place, also those of `input`", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  inputs <- list(
    list(SessionId = id),
    list(SessionId = some_id),
    list(SessionId = 5),
    list(SessionID = id),
    list(),
    id,
    NULL,
    list(id),
    quote(stop("no input")),
    simpleError("not raised"),
    list(SessionId = broken),
    list(SessionId = id)
  )
  values <- rekognition_map(inputs, svc$get_face_liveness_session_results, eval)
  expect_identical(which(!is_condition(values)), c(1L, 12L))
  expect_s3_class(values[[2]], c("SessionNotFoundException", "rekognition_service_error"), exact = FALSE)
  expect_identical(conditionCall(values[[2]]), quote(rekognition_map(...)))
  for (i in c(3:8, 10, 11)) {
    expect_s3_class(values[[i]], "rekognition_argument_error")
  }
  expect_s3_class(values[[9]], "simpleError")
  expect_snapshot(
    for (value in values[c(3:11)]) {
      writeLines(conditionMessage(value))
    }
  )
})

test_that("an error has the message of the single call's", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$fault("error", code = "AccessDeniedException", times = 3)
  single <- caught(svc$list_collections())
  value <- rekognition_map(1, svc$list_collections, function(i) list())[[1]]
  promised <- settled(rekognition_promise(svc$list_collections))
  expect_identical(conditionMessage(value), conditionMessage(single))
  expect_identical(conditionMessage(promised), conditionMessage(single))
})

test_that("inputs are made in order, and only when their turn comes", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 40)
  before <- nrow(emulator$requests())
  order <- integer()
  ahead <- integer()
  input <- function(i) {
    order <<- c(order, i)
    responses <- sum(!is.na(emulator$requests()$status_code)) - before
    ahead <<- c(ahead, length(order) - responses)
    list(SessionId = ids[i])
  }
  emulator$fault("delay", times = 40, seconds = 0.02)
  values <- rekognition_map(1:40, svc$get_face_liveness_session_results, input, max_active = 3)
  expect_identical(vapply(values, `[[`, "", "SessionId"), ids)
  expect_identical(order, 1:40)
  expect_lte(max(ahead), 6)
  expect_gt(max(ahead), 3)
})

test_that("at most `max_active` requests are sent at a time", {
  emulator <- test_emulator()
  svc <- rekognition(config = c(emulator$config, operation_timeout = 60))
  emulator$fault("hang", times = 20)
  sent <- NULL
  input <- function(i) {
    # More inputs are made than requests are sent.
    if (i == 6) {
      while (nrow(emulator$requests()) < 3) {
        Sys.sleep(0.01)
      }
      sent <<- nrow(emulator$requests())
      stop("enough")
    }
    list(SessionId = some_id)
  }
  expect_error(
    rekognition_map(1:20, svc$get_face_liveness_session_results, input, max_active = 3, on_error = "stop"),
    "enough"
  )
  expect_identical(sent, 3L)
})

test_that("a rate limit of the account loses no call", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 100)
  emulator$fault("rate", per_second = 100, burst = 5)
  values <- rekognition_map(ids, svc$get_face_liveness_session_results, results_input, max_active = 20)
  expect_identical(vapply(values, `[[`, "", "Status"), rep("SUCCEEDED", 100))
  expect_true("ThrottlingException" %in% emulator$requests()$code)
  emulator$fault("none")
  for (fault in c("throttle", "close", "reset", "cut_off")) {
    emulator$fault(fault, times = "first")
    values <- rekognition_map(ids[1:20], svc$get_face_liveness_session_results, results_input)
    expect_false(any(is_condition(values)), label = fault)
  }
})

test_that("with `on_error = \"stop\"` the first error ends the calls", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 50)
  map <- function(x, input = results_input) {
    rekognition_map(x, svc$get_face_liveness_session_results, input, max_active = 1, on_error = "stop")
  }
  expect_s3_class(caught(map(c(some_id, ids))), "SessionNotFoundException")
  expect_lt(nrow(results_requests(emulator)), 10)
  expect_identical(caught(map(ids, function(id) list(SessionID = id)))$argument, "input()")
  expect_s3_class(caught(map(ids, function(id) stop("no input"))), "simpleError")
  expect_false(any(is_condition(map(ids))))
})

test_that("errors that concern no single call are raised once", {
  emulator <- test_emulator()
  lacking <- list(
    rekognition_credentials_error = rekognition(region = "us-east-1", endpoint = emulator$url),
    rekognition_config_error = rekognition(endpoint = emulator$url)
  )
  for (class in names(lacking)) {
    svc <- lacking[[class]]
    expect_s3_class(caught(rekognition_map(1:5, svc$list_collections, function(i) list())), class)
    # Elements without a valid input are not sent.
    expect_s3_class(
      caught(rekognition_map(1:5, svc$list_faces, function(i) if (i == 5) list(CollectionId = "x"))),
      class
    )
  }
  expect_identical(nrow(emulator$requests()), 0L)
})

test_that("invalid arguments are errors, and nothing is sent", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  operation <- svc$get_face_liveness_session_results
  complaint <- function(argument, ...) {
    error <- caught(rekognition_map(...))
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, argument)
    expect_identical(conditionCall(error), quote(rekognition_map(...)))
  }
  complaint("x")
  complaint("operation", some_id)
  complaint("input", some_id, operation)
  for (x in list(mean, globalenv(), quote(x), data.frame(id = some_id))) {
    complaint("x", x, operation, results_input)
  }
  for (other in list("list_faces", mean, liveness_results, svc, NULL)) {
    complaint("operation", some_id, other, results_input)
  }
  for (input in list(NULL, "SessionId", list(SessionId = some_id))) {
    complaint("input", some_id, operation, input)
  }
  for (most in list(0, 1001, 1.5, NA, "10", NULL)) {
    complaint("max_active", some_id, operation, results_input, max_active = most)
  }
  complaint("progress", some_id, operation, results_input, progress = NA)
  complaint("on_error", some_id, operation, results_input, on_error = "row")
  expect_identical(nrow(emulator$requests()), 0L)
})

test_that("keys that expire in the middle are renewed by the `creds` function", {
  emulator <- test_emulator()
  ids <- sprintf("session-%d", 1:30)
  for (id in ids) {
    emulator$put_result(id, list(SessionId = id, Status = "SUCCEEDED"))
  }
  count <- 0
  creds <- function() {
    count <<- count + 1
    emulator$credentials(900)$creds
  }
  svc <- rekognition(utils::modifyList(emulator$config, list(credentials = list(creds = creds))))
  input <- function(id) {
    # The calls before have ended.
    if (id == ids[15]) {
      emulator$advance(901)
    }
    list(SessionId = id)
  }
  values <- rekognition_map(ids, svc$get_face_liveness_session_results, input, max_active = 2)
  expect_identical(vapply(values, `[[`, "", "SessionId"), ids)
  expect_identical(count, 2)
})

test_that("`input` can use the client", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  values <- rekognition_map(1:10, svc$get_face_liveness_session_results, function(i) {
    list(SessionId = svc$create_face_liveness_session()$SessionId)
  })
  expect_identical(vapply(values, `[[`, "", "Status"), rep("CREATED", 10))
})

test_that("a client from another process, and the default client, work", {
  emulator <- local_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 3)
  copy <- unserialize(serialize(svc, NULL))
  found <- rekognition_map(ids, copy$get_face_liveness_session_results, results_input)
  expect_identical(vapply(found, `[[`, "", "Status"), rep("SUCCEEDED", 3))
  expect_identical(rekognition_map(ids, rekognition_get_face_liveness_session_results, results_input), found)
  operation <- unserialize(serialize(svc$get_face_liveness_session_results, NULL))
  expect_identical(rekognition_map(ids, operation, results_input), found)
})

test_that("text in another encoding is translated", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- "caf\xe9"
  Encoding(id) <- "latin1"
  emulator$put_result("caf\u00e9", list(SessionId = "caf\u00e9", Status = "SUCCEEDED"))
  values <- rekognition_map(c(id, "caf\u00e9"), svc$get_face_liveness_session_results, results_input)
  expect_identical(vapply(values, `[[`, "", "SessionId"), c("caf\u00e9", "caf\u00e9"))
})

test_that("calls are logged", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  withr::local_options(rekognition.log_level = "info")
  map <- function() rekognition_map(1:3, svc$create_face_liveness_session, function(i) list())
  lines <- capture.output(values <- map(), type = "message")
  expect_length(grep("CreateFaceLivenessSession", lines), 3)
})

test_that("Ctrl-C ends the calls, and the client keeps working", {
  skip_on_os("windows")
  skip_on_cran() # signals are late on a busy machine
  emulator <- test_emulator()
  emulator$fault("hang", times = 4)
  child <- callr::r_bg(
    function(config) {
      svc <- rekognition::rekognition(config = config)
      inputs <- 0
      input <- function(i) {
        inputs <<- inputs + 1
        list()
      }
      outcome <- tryCatch(
        {
          rekognition::rekognition_map(1:50, svc$create_face_liveness_session, input, max_active = 4)
          "ended"
        },
        interrupt = function(e) "interrupted"
      )
      list(outcome, inputs, names(svc$create_face_liveness_session()))
    },
    list(emulator$config),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
  withr::defer(child$kill())
  while (nrow(emulator$requests()) < 4 && child$is_alive()) {
    Sys.sleep(0.01)
  }
  child$interrupt()
  child$wait(300000)
  result <- child$get_result()
  expect_identical(result[c(1, 3)], list("interrupted", "SessionId"))
  # No more than the window.
  expect_lte(result[[2]], 8)
  expect_identical(nrow(emulator$requests()), 5L)
})

test_that("the error that stops a map names its element", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- c(a = new_session(svc), b = some_id)
  fetch <- function(x) {
    input <- function(id) list(SessionId = id)
    rekognition_map(x, svc$get_face_liveness_session_results, input, max_active = 1, on_error = "stop")
  }
  error <- caught(fetch(ids))
  expect_s3_class(error, "SessionNotFoundException")
  expect_match(conditionMessage(error), 'In element 2 ("b") of `x`.', fixed = TRUE)
  expect_identical(error$index, 2L)
  expect_match(conditionMessage(caught(fetch(unname(ids)))), "In element 2 of `x`.", fixed = TRUE)
})

test_that("a `creds` function is called before the second input is made", {
  emulator <- test_emulator()
  inputs_before_keys <- function(turn) {
    made <- 0
    made_before <- NULL
    keys <- function() {
      made_before <<- made
      emulator$config$credentials$creds
    }
    svc <- rekognition(endpoint = emulator$url, region = "us-east-1", credentials = list(creds = keys))
    values <- rekognition_map(rep(some_id, 20), svc$get_face_liveness_session_results, function(id) {
      made <<- made + 1
      list(SessionId = id)
    })
    expect_length(values, 20)
    made_before
  }
  # On a busy machine, the first call may ask for keys later than usual.
  expect_identical(stats::median(vapply(1:5, inputs_before_keys, 0)), 1)
})
