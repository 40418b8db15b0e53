test_that("the console shows demo sessions of all kinds", {
  browser <- local_browser()
  open_console(browser)
  expect_match(text_of(browser, "header"), "Emulator: checks are simulated")
  click(browser, "#demo")
  wait_for_rows(browser, 10)
  table <- text_of(browser, "#table")
  for (text in c(
    "99.31",
    "FAILED",
    "EXPIRED",
    "IN_PROGRESS",
    "SessionNotFoundException"
  )) {
    expect_match(table, text)
  }
  select_row(browser, 4)
  expect_match(text_of(browser, "#summary"), "LOW_LIGHTING_DETECTED")
  select_row(browser, 10)
  expect_match(text_of(browser, "#summary .error"), "A session is known|not found")
  expect_identical(page_errors(browser), character())
})

test_that("the console fetches the sessions that are entered, and refreshes only open ones", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  ids <- c(new_session(svc), new_session(svc))
  emulator$check(ids[1], confidence = 89.996)
  browser <- local_browser()
  open_console(browser, emulator)
  expect_identical(text_of(browser, "header .backend"), "Amazon Rekognition")
  expect_length(find_all(browser, "#demo"), 0)
  enter_sessions(browser, c(ids, "<b>x</b>"))
  # Input is escaped, and a confidence is not rounded up to the threshold.
  expect_length(find_all(browser, "#table b"), 0)
  expect_match(text_of(browser, "#table"), "89.996", fixed = TRUE)
  emulator$check(ids[2], confidence = 95)
  before <- nrow(emulator$requests())
  click(browser, "#refresh")
  wait_until(grepl("95.00", text_of(browser, "#table"), fixed = TRUE), "the open session has ended")
  fetched <- emulator$requests()$session_id[-seq_len(before)]
  expect_false(ids[1] %in% fetched)
  expect_true(ids[2] %in% fetched)
  # Results stay when the service has deleted the session.
  emulator$advance(3600)
  click(browser, "#refresh")
  type(browser, "#ids", ids[1])
  click(browser, "#fetch")
  wait_until(identical(run_script(browser, "return document.querySelector('#ids').value"), ""))
  expect_match(text_of(browser, "#table"), "89.996", fixed = TRUE)
  expect_identical(page_errors(browser), character())
})

test_that("a selected session shows its images with face boxes", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  ids <- vapply(
    c(2, 0),
    function(n) svc$create_face_liveness_session(Settings = list(AuditImagesLimit = n))$SessionId,
    ""
  )
  emulator$check(ids[1])
  response <- svc$get_face_liveness_session_results(ids[1])
  box <- response$ReferenceImage$BoundingBox
  # The same box in pixels, an image in a bucket, and an image without bytes.
  pixels <- Map(`*`, box, c(480, 640, 480, 640))
  emulator$put_result(
    ids[2],
    list(
      SessionId = ids[2],
      Status = "SUCCEEDED",
      Confidence = 50,
      ReferenceImage = list(Bytes = response$ReferenceImage$Bytes, BoundingBox = pixels),
      AuditImages = list(
        list(S3Object = list(Bucket = "faces", Name = "<i>/audit.jpg")),
        list(BoundingBox = box)
      )
    )
  )
  browser <- local_browser()
  open_console(browser, emulator)
  enter_sessions(browser, ids)
  boxed <- function(i) {
    select_row(browser, i)
    wait_until(run_script(
      browser,
      "return [...document.querySelectorAll('.image img')].every(i => i.complete && i.naturalWidth == 480) &&
         document.querySelectorAll('.image img').length == arguments[0]",
      c(3, 1)[i]
    ))
    # The place of the first box, as ratios of its image.
    unlist(run_script(
      browser,
      "const box = document.querySelector('.face-box').getBoundingClientRect();
       const of = document.querySelector('.image').getBoundingClientRect();
       return [box.width / of.width, box.height / of.height,
               (box.left - of.left) / of.width, (box.top - of.top) / of.height];"
    ))
  }
  expect_equal(boxed(1), unlist(box, use.names = FALSE), tolerance = 0.01)
  expect_identical(texts_of(browser, "figcaption"), c("Reference image", "Audit image 1", "Audit image 2"))
  expect_length(find_all(browser, ".face-box"), 3)
  expect_equal(boxed(2), unlist(box, use.names = FALSE), tolerance = 0.01)
  expect_identical(texts_of(browser, ".no-image"), c("s3://faces/<i>/audit.jpg", "no image"))
  expect_identical(page_errors(browser), character())
})

test_that("the console counts the sessions that pass the threshold", {
  browser <- local_browser()
  open_console(browser)
  click(browser, "#demo")
  expect_passing <- function(text) {
    wait_until(grepl(text, text_of(browser, "#passing"), fixed = TRUE), text)
    expect_match(text_of(browser, "#passing"), text, fixed = TRUE)
  }
  expect_passing("3 of 6 sessions with a confidence pass at 90.")
  # The handle of the slider does not react to keys, so its script sets the value.
  slide_to <- function(value) {
    run_script(browser, "$('#threshold').data('ionRangeSlider').update({from: arguments[0]})", value)
  }
  slide_to(60)
  expect_passing("5 of 6 sessions with a confidence pass at 60.")
  slide_to(99.5)
  expect_passing("0 of 6 sessions with a confidence pass at 99.5.")
})

test_that("a review stays with its session", {
  browser <- local_browser()
  open_console(browser, reviewer = "Ada")
  click(browser, "#demo")
  wait_for_rows(browser, 10)
  review <- function(i, label) {
    select_row(browser, i)
    review_as(browser, label)
    expected <- if (label == "") "undecided Ada" else paste(label, "Ada")
    wait_until(text_of(browser, row_selector(i, "td.review")) == expected, "the review is in the table")
  }
  review(4, "live")
  review(6, "attack")
  review(1, "live")
  review(1, "")
  review(3, "live")
  review(5, "live")
  review(7, "live")
  review(2, "attack")
  rates <- "Attacks that pass: 1 of 2 (solid line). Live people who do not: 2 of 3 (dashed line)."
  wait_until(grepl(rates, text_of(browser, "#passing"), fixed = TRUE), rates)
  select_row(browser, 4)
  wait_until(length(find_all(browser, "[data-label=live][aria-pressed=true]")) == 1)
  expect_identical(
    texts_of(browser, "#table td.review"),
    c("undecided Ada", paste(c("attack", "live", "live", "live", "attack", "live"), "Ada"), "", "", "")
  )
  expect_identical(page_errors(browser), character())
})

test_that("the report can be downloaded", {
  browser <- local_browser()
  open_console(browser)
  click(browser, "#demo")
  wait_for_rows(browser, 10)
  find(browser, "#report[href*=download]")
  report <- run_script(
    browser,
    "return fetch(document.querySelector('#report').href).then(
       response => response.text().then(text => [response.status, response.headers.get('content-disposition'), text]))"
  )
  expect_identical(report[[1]], 200L)
  expect_match(report[[2]], "liveness-report.html")
  expect_match(report[[3]], "Face Liveness review")
  expect_match(report[[3]], "99.31", fixed = TRUE)
})

test_that("an error of the service is shown, and the console keeps working", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  id <- new_session(svc)
  emulator$check(id, confidence = 95)
  emulator$fault("error", code = "AccessDeniedException", message = "not for you")
  browser <- local_browser()
  open_console(browser, emulator)
  enter_sessions(browser, id)
  expect_match(text_of(browser, "#table"), "AccessDeniedException")
  select_row(browser, 1)
  expect_match(text_of(browser, "#summary .error"), "not for you")
  click(browser, "#refresh")
  wait_until(grepl("95.00", text_of(browser, "#table"), fixed = TRUE), "the session is fetched again")
  expect_length(find_all(browser, "#table .error"), 0)
})

test_that("images that the service has stored in S3 are shown", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  settings <- list(OutputConfig = list(S3Bucket = "faces", S3KeyPrefix = "checks"), AuditImagesLimit = 2)
  id <- svc$create_face_liveness_session(Settings = settings)$SessionId
  emulator$check(id, confidence = 95)
  browser <- local_browser()
  open_console(browser, emulator)
  enter_sessions(browser, id)
  select_row(browser, 1)
  wait_until(length(find_all(browser, "#images .image img")) == 3, "the images are shown")
  expect_identical(texts_of(browser, "figcaption"), c("Reference image", "Audit image 1", "Audit image 2"))
})
