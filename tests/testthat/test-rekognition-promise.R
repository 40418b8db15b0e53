in_flight <- function() {
  length(get("promises", asNamespace("rekognition")$the))
}

test_that("a promise of a call resolves to the operation's value", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  promise <- rekognition_promise(svc$get_face_liveness_session_results, id)
  expect_true(promises::is.promise(promise))
  expect_identical(settled(promise), svc$get_face_liveness_session_results(id))
  expect_named(settled(rekognition_promise(svc$create_face_liveness_session)), "SessionId")
  # An operation without a value.
  svc$create_collection("one")
  expect_identical(length(settled(rekognition_promise(svc$create_user, "one", UserId = "user"))), 0L)
  expect_length(svc$list_users("one")$Users, 1)
  expect_identical(in_flight(), 0L)
})

test_that("many promises are pending while R is busy", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- checked_sessions(emulator, svc, 30)
  emulator$fault("delay", times = 30, seconds = 0.3)
  done <- character()
  promises <- lapply(ids, function(id) {
    promises::then(rekognition_promise(svc$get_face_liveness_session_results, id), function(value) {
      done <<- c(done, value$SessionId)
    })
  })
  # R does something else; all requests arrive meanwhile.
  while (nrow(results_requests(emulator)) < 30) {
    Sys.sleep(0.01)
  }
  expect_identical(done, character())
  for (promise in promises) {
    settled(promise)
  }
  expect_setequal(done, ids)
  expect_identical(in_flight(), 0L)
})

test_that("a failed call rejects the promise with the condition of the operation", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  failed <- settled(rekognition_promise(svc$get_face_liveness_session_results, some_id))
  expect_s3_class(failed, c("SessionNotFoundException", "rekognition_service_error"), exact = FALSE)
  expect_identical(conditionCall(failed), quote(rekognition_promise(...)))
  unreachable <- rekognition(emulator$config, endpoint = "http://127.0.0.1:9")
  expect_s3_class(settled(rekognition_promise(unreachable$list_collections)), "rekognition_connection_error")
  keyless <- rekognition(region = "us-east-1", endpoint = emulator$url)
  expect_s3_class(settled(rekognition_promise(keyless$list_collections)), "rekognition_credentials_error")
  before <- nrow(emulator$requests())
  expect_identical(settled(rekognition_promise())$argument, "operation")
  expect_identical(settled(rekognition_promise("list_faces"))$argument, "operation")
  expect_identical(settled(rekognition_promise(svc$list_faces, 5))$argument, "CollectionId")
  expect_identical(settled(rekognition_promise(svc$list_faces))$argument, "CollectionId")
  expect_match(
    conditionMessage(settled(rekognition_promise(svc$list_faces, CollectionID = "x"))),
    "unused argument"
  )
  expect_identical(nrow(emulator$requests()), before)
  expect_identical(in_flight(), 0L)
})

test_that("a promise of a call can be canceled once", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- checked_sessions(emulator, svc, 1)
  emulator$fault("hang")
  promise <- rekognition_promise(svc$get_face_liveness_session_results, id)
  expect_true(liveness_cancel(promise))
  expect_s3_class(settled(promise), c("rekognition_cancelled_error", "rekognition_error"), exact = FALSE)
  expect_false(liveness_cancel(promise))
  expect_identical(in_flight(), 0L)
  emulator$fault("none")
  expect_identical(
    settled(rekognition_promise(svc$get_face_liveness_session_results, id))$Status,
    "SUCCEEDED"
  )
})

test_that("a promise works with a client from another process, and with the default client", {
  emulator <- local_emulator()
  svc <- unserialize(serialize(rekognition(config = emulator$config), NULL))
  expect_named(settled(rekognition_promise(svc$create_face_liveness_session)), "SessionId")
  expect_named(settled(rekognition_promise(rekognition_create_face_liveness_session)), "SessionId")
})

test_that("a `creds` function supplies keys while a promise is pending", {
  emulator <- test_emulator()
  count <- 0
  creds <- function() {
    count <<- count + 1
    emulator$credentials(900)$creds
  }
  svc <- rekognition(utils::modifyList(emulator$config, list(credentials = list(creds = creds))))
  expect_named(settled(rekognition_promise(svc$create_face_liveness_session)), "SessionId")
  emulator$advance(901)
  expect_named(settled(rekognition_promise(svc$create_face_liveness_session)), "SessionId")
  expect_identical(count, 2)
})

test_that("Shiny accepts a promise of a call", {
  skip_if_not_installed("shiny")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  image <- rekognition_image(system.file("extdata", "face-0.jpg", package = "rekognition"))
  server <- function(input, output, session) {
    output$faces <- shiny::renderText(promises::then(
      rekognition_promise(svc$detect_faces, image),
      function(value) {
        length(value$FaceDetails)
      }
    ))
  }
  shiny::testServer(server, expect_identical(output$faces, "1"))
})

test_that("text in another encoding is translated", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- "caf\xe9"
  Encoding(id) <- "latin1"
  emulator$put_result("caf\u00e9", list(SessionId = "caf\u00e9", Status = "SUCCEEDED"))
  expect_identical(
    settled(rekognition_promise(svc$get_face_liveness_session_results, id))$SessionId,
    "caf\u00e9"
  )
  expect_s3_class(
    settled(rekognition_promise(svc$get_face_liveness_session_results, broken)),
    "rekognition_argument_error"
  )
})
