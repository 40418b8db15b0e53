# Collections with these numbers.
collections <- function(svc, n) {
  ids <- sprintf("collection-%02d", seq_len(n))
  for (id in ids) {
    svc$create_collection(id)
  }
  ids
}

test_that("all pages are one list", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- collections(svc, 7)
  at_once <- svc$list_collections()
  before <- nrow(emulator$requests())
  paged <- rekognition_pages(svc$list_collections, MaxResults = 2)
  expect_identical(nrow(emulator$requests()) - before, 4L)
  expect_identical(paged, at_once)
  expect_identical(unlist(paged$CollectionIds), ids)
  expect_identical(paged$NextToken, character(0))
  # Without items.
  expect_identical(rekognition_pages(svc$list_faces, ids[1]), svc$list_faces(ids[1]))
})

test_that("`max_pages` ends early, and the result says where to continue", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- collections(svc, 7)
  first <- rekognition_pages(svc$list_collections, MaxResults = 2, max_pages = 2)
  expect_identical(unlist(first$CollectionIds), ids[1:4])
  expect_length(first$NextToken, 1)
  rest <- rekognition_pages(svc$list_collections, MaxResults = 2, NextToken = first$NextToken)
  expect_identical(unlist(rest$CollectionIds), ids[5:7])
  expect_identical(rest$NextToken, character(0))
  # A complete result is not continued by mistake.
  expect_identical(rekognition_pages(svc$list_collections, max_pages = 1), svc$list_collections())
})

test_that("results are put together, and what each page repeats is from the first page", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  put <- function(...) emulator$put_response("GetSegmentDetection", list(JobStatus = "SUCCEEDED", ...))
  segment <- function(i) list(Type = "SHOT", StartFrameNumber = i)
  put(Segments = list(segment(1), segment(2)), VideoMetadata = list(list(Codec = "h264")), NextToken = "more")
  whole <- rekognition_pages(svc$get_segment_detection, "job", max_pages = 1)
  put(Segments = list(segment(3)), VideoMetadata = list(list(Codec = "h265")))
  expect_length(whole$Segments, 2)
  pages <- list(whole, svc$get_segment_detection("job", NextToken = whole$NextToken))
  combined <- asNamespace("rekognition")$combine_pages(pages)
  expect_identical(vapply(combined$Segments, `[[`, 0, "StartFrameNumber"), c(1, 2, 3))
  expect_identical(combined$VideoMetadata, whole$VideoMetadata)
  expect_identical(combined$JobStatus, "SUCCEEDED")
  expect_identical(combined$NextToken, character(0))
})

test_that("a server that sends the same token again does not keep R busy for ever", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$put_response("ListCollections", list(CollectionIds = "one", NextToken = "again"))
  error <- caught(rekognition_pages(svc$list_collections))
  expect_s3_class(error, "rekognition_response_error")
  expect_match(conditionMessage(error), "NextToken", fixed = TRUE)
  expect_identical(nrow(emulator$requests()), 2L)
  expect_s3_class(
    caught(rekognition_pages(svc$list_collections, NextToken = "again")),
    "rekognition_response_error"
  )
  expect_identical(rekognition_pages(svc$list_collections, max_pages = 1)$NextToken, "again")
})

test_that("operations with pages are those whose input and output have a token", {
  svc <- rekognition(
    endpoint = "http://127.0.0.1:9",
    region = "us-east-1",
    credentials = list(anonymous = TRUE)
  )
  is_paged <- vapply(
    names(svc),
    function(name) {
      error <- caught(rekognition_pages(svc[[name]], max_pages = "none"))
      expect_s3_class(error, "rekognition_argument_error")
      error$argument == "max_pages"
    },
    NA
  )
  expect_identical(sum(is_paged), 18L)
})

test_that("another operation, and what is no operation, is an error that says what is meant", {
  svc <- rekognition(region = "us-east-1")
  expect_snapshot({
    show_error(rekognition_pages(svc$detect_faces))
    show_error(rekognition_pages(list()))
    show_error(rekognition_pages("list_faces"))
    show_error(rekognition_pages(liveness_results))
    show_error(rekognition_pages(svc))
    show_error(rekognition_pages())
    show_error(rekognition_pages(svc$list_faces, max_pages = 0))
    show_error(rekognition_pages(svc$list_faces, max_pages = 1.5))
    show_error(rekognition_pages(svc$list_faces, "x", CollectionID = "y"))
    show_error(rekognition_pages(svc$list_faces, 5))
  })
})

test_that("an error of a page is the operation's, with the user's call", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  error <- caught(rekognition_pages(svc$list_faces, CollectionId = "no-such-collection"))
  expect_s3_class(error, c("ResourceNotFoundException", "rekognition_service_error"), exact = FALSE)
  expect_identical(conditionCall(error), quote(rekognition_pages(...)))
})

test_that("pages are also those of the default client", {
  emulator <- local_emulator()
  rekognition_create_collection("one")
  expect_identical(rekognition_pages(rekognition_list_collections)$CollectionIds, list("one"))
})

test_that("Ctrl-C ends the pages, and the client keeps working", {
  skip_on_os("windows")
  skip_on_cran() # signals are late on a busy machine
  emulator <- test_emulator()
  collections(rekognition(config = emulator$config), 3)
  before <- nrow(emulator$requests())
  emulator$fault("delay", seconds = 0)
  emulator$fault("hang")
  child <- callr::r_bg(
    function(config) {
      svc <- rekognition::rekognition(config = config)
      pages <- function() rekognition::rekognition_pages(svc$list_collections, MaxResults = 1)
      outcome <- tryCatch(pages(), interrupt = function(e) "interrupted")
      list(outcome, length(pages()$CollectionIds))
    },
    list(emulator$config),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
  withr::defer(child$kill())
  while (nrow(emulator$requests()) - before < 2 && child$is_alive()) {
    Sys.sleep(0.01)
  }
  child$interrupt()
  child$wait(300000)
  expect_identical(child$get_result(), list("interrupted", 3L))
})

test_that("an empty token ends the pages", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$put_response("list_collections", '{"CollectionIds":["a"],"NextToken":""}')
  pages <- rekognition_pages(svc$list_collections)
  expect_identical(pages$CollectionIds, list("a"))
  expect_identical(pages$NextToken, character(0))
  expect_equal(nrow(emulator$requests()), 1)
})
