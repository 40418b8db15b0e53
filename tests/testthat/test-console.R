open_console <- function(browser, emulator = NULL, frame = parent.frame()) {
  app <- local_app("shiny", emulator, frame = frame)
  browse(browser, app$url)
  wait_until(grepl("No sessions yet", text_of(browser, "#table")), "the console is there")
}

enter_sessions <- function(browser, ids) {
  before <- length(find_all(browser, "tbody tr"))
  type(browser, "#ids", paste(ids, collapse = "\n"))
  click(browser, "#fetch")
  wait_until(length(find_all(browser, "tbody tr")) == before + length(ids), "the sessions are shown")
}

# What is wrong in the page itself: the 404 is for a script that some packages of shiny lack, and it does not use.
page_errors <- function(browser) {
  grep("strftime", console_errors(browser), value = TRUE, invert = TRUE)
}

test_that("the console shows demo sessions of all kinds", {
  browser <- local_browser()
  open_console(browser)
  expect_match(text_of(browser, "header"), "Emulator: nobody is checked here")
  click(browser, "#demo")
  wait_until(length(find_all(browser, "tbody tr")) == 10, "the sessions are shown")
  table <- text_of(browser, "#table")
  for (seen in c(
    "99.31",
    "SUCCEEDED",
    "FAILED",
    "EXPIRED",
    "IN_PROGRESS",
    "LOW_LIGHTING_DETECTED",
    "SessionNotFoundException"
  )) {
    expect_match(table, seen)
  }
  click(browser, "tbody tr:nth-child(10) button")
  wait_until(grepl("A session is known|not found", text_of(browser, "#detail .error")))
  expect_identical(page_errors(browser), character())
})

test_that("the console shows the sessions of the service that are entered, and asks again only for open ones", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  ids <- c(new_session(svc), new_session(svc))
  emulator$check(ids[1], confidence = 89.996)
  browser <- local_browser()
  open_console(browser, emulator)
  expect_identical(text_of(browser, "header .where"), "Amazon Rekognition")
  expect_length(find_all(browser, "#demo"), 0)
  enter_sessions(browser, c(ids, "<b>x</b>"))
  # What is entered is text, and a confidence is not rounded over a threshold.
  expect_length(find_all(browser, "#table b"), 0)
  expect_match(text_of(browser, "#table"), "89.996", fixed = TRUE)
  expect_length(find_all(browser, ".fails"), 1)
  emulator$check(ids[2], confidence = 95)
  before <- nrow(emulator$requests())
  click(browser, "#refresh")
  wait_until(grepl("95.00", text_of(browser, "#table"), fixed = TRUE), "the open session has ended")
  asked <- emulator$requests()$session_id[-seq_len(before)]
  expect_false(ids[1] %in% asked)
  expect_true(ids[2] %in% asked)
  # What was found stays when the service forgets it.
  emulator$advance(3600)
  click(browser, "#refresh")
  type(browser, "#ids", ids[1])
  click(browser, "#fetch")
  wait_until(identical(run_script(browser, "return document.querySelector('#ids').value"), ""))
  expect_match(text_of(browser, "#table"), "89.996", fixed = TRUE)
  expect_identical(page_errors(browser), character())
})

test_that("a session that is chosen shows its images with the faces boxed", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  ids <- vapply(
    c(2, 0),
    function(n) svc$create_face_liveness_session(Settings = list(AuditImagesLimit = n))$SessionId,
    ""
  )
  emulator$check(ids[1])
  answer <- svc$get_face_liveness_session_results(ids[1])
  box <- answer$ReferenceImage$BoundingBox
  # The same box in pixels of the picture, an image that is in a bucket, and one that is nowhere.
  pixels <- Map(`*`, box, c(480, 640, 480, 640))
  emulator$put_result(
    ids[2],
    list(
      SessionId = ids[2],
      Status = "SUCCEEDED",
      Confidence = 50,
      ReferenceImage = list(Bytes = answer$ReferenceImage$Bytes, BoundingBox = pixels),
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
    click(browser, sprintf("tbody tr:nth-child(%d) button", i))
    wait_until(text_of(browser, "#detail .id") == ids[i], "the session is shown")
    wait_until(run_script(
      browser,
      "return [...document.querySelectorAll('.picture img')].every(i => i.complete && i.naturalWidth == 480)"
    ))
    # Where the first box is seen, as a ratio of its picture.
    unlist(run_script(
      browser,
      "const box = document.querySelector('.face-box').getBoundingClientRect();
       const of = document.querySelector('.picture').getBoundingClientRect();
       return [box.width / of.width, box.height / of.height,
               (box.left - of.left) / of.width, (box.top - of.top) / of.height];"
    ))
  }
  expect_equal(boxed(1), unlist(box, use.names = FALSE), tolerance = 0.01)
  expect_identical(texts_of(browser, "figcaption"), c("Reference image", "Audit image 1", "Audit image 2"))
  expect_length(find_all(browser, ".face-box"), 3)
  expect_equal(boxed(2), unlist(box, use.names = FALSE), tolerance = 0.01)
  expect_identical(texts_of(browser, ".no-picture"), c("s3://faces/<i>/audit.jpg", "no image"))
  expect_identical(page_errors(browser), character())
})

test_that("the threshold says how many would pass", {
  browser <- local_browser()
  open_console(browser)
  click(browser, "#demo")
  passing <- function(words) {
    wait_until(grepl(words, text_of(browser, "#passing"), fixed = TRUE), words)
    expect_match(text_of(browser, "#passing"), words, fixed = TRUE)
  }
  passing("3 of 6 sessions with a confidence pass at 90.")
  # The slider's handle has no keys of its own: its script takes a value.
  slide_to <- function(value) {
    run_script(browser, "$('#threshold').data('ionRangeSlider').update({from: arguments[0]})", value)
  }
  slide_to(60)
  passing("5 of 6 sessions with a confidence pass at 60.")
  expect_length(find_all(browser, ".passes"), 5)
  slide_to(99.5)
  passing("0 of 6 sessions with a confidence pass at 99.5.")
})

test_that("a reviewer decides, and the decision stays with its session", {
  browser <- local_browser()
  open_console(browser)
  click(browser, "#demo")
  choose <- function(i) {
    click(browser, sprintf("tbody tr:nth-child(%d) button", i))
    wait_until(
      identical(
        texts_of(browser, "tr.selected button"),
        texts_of(browser, sprintf("tbody tr:nth-child(%d) button", i))
      ) &&
        startsWith(
          text_of(browser, "#detail .id"),
          sub("\u2026.*", "", text_of(browser, "tr.selected button"))
        ),
      "the session is shown"
    )
  }
  decide <- function(i, value) {
    choose(i)
    click(browser, sprintf("[data-decides] input[value=%s]", value))
    expected <- if (value == "undecided") "" else value
    wait_until(
      text_of(browser, sprintf("tbody tr:nth-child(%d) .decision", i)) == expected,
      "the decision is shown"
    )
  }
  find(browser, "tbody tr")
  decide(4, "live")
  decide(6, "attack")
  decide(1, "live")
  decide(1, "undecided")
  decide(3, "live")
  decide(5, "live")
  decide(7, "live")
  decide(2, "attack")
  words <- "1 of 2 attacks pass (solid line), 2 of 3 live persons do not (dashed)."
  wait_until(grepl(words, text_of(browser, "#passing"), fixed = TRUE), words)
  choose(4)
  expect_length(find_all(browser, "input[value=live]:checked"), 1)
  expect_identical(
    texts_of(browser, "td.decision"),
    c("", "attack", "live", "live", "live", "attack", "live", "", "", "")
  )
  expect_identical(page_errors(browser), character())
})

test_that("the report is downloaded with the sessions of the console", {
  browser <- local_browser()
  open_console(browser)
  click(browser, "#demo")
  find(browser, "tbody tr")
  find(browser, "#report[href*=download]")
  report <- run_script(
    browser,
    "return fetch(document.querySelector('#report').href).then(
       answer => answer.text().then(text => [answer.status, answer.headers.get('content-disposition'), text]))"
  )
  expect_identical(report[[1]], 200L)
  expect_match(report[[2]], "liveness-report.html")
  expect_match(report[[3]], "Face Liveness review")
  expect_match(report[[3]], "99.31", fixed = TRUE)
})

test_that("a failure of the service is shown in the console, which keeps working", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  id <- new_session(svc)
  emulator$check(id, confidence = 95)
  emulator$fault("error", code = "AccessDeniedException", message = "not for you")
  browser <- local_browser()
  open_console(browser, emulator)
  enter_sessions(browser, id)
  expect_match(text_of(browser, "#table"), "AccessDeniedException")
  click(browser, "tbody tr button")
  wait_until(grepl("not for you", text_of(browser, "#detail .error")))
  click(browser, "#refresh")
  wait_until(grepl("95.00", text_of(browser, "#table"), fixed = TRUE), "it is asked again")
  expect_length(find_all(browser, "td.error:not(:empty)"), 0)
})
