# Results of sessions of all kinds: five with images and a confidence, one in a bucket, one that failed, one that is new,
# and one that the service does not know.
reported_results <- function(..., frame = parent.frame()) {
  emulator <- local_emulator(frame = frame)
  svc <- rekognition(config = emulator$config)
  ids <- vapply(
    1:8,
    function(i) svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 1))$SessionId,
    ""
  )
  scores <- c(99.95, 89.99999, 90, 71.25, 12.5)
  for (i in 1:5) {
    emulator$check(
      ids[i],
      confidence = scores[i],
      feedback = if (i == 5) "LOW_LIGHTING_DETECTED" else character()
    )
  }
  image <- list(S3Object = list(Bucket = "b", Name = "k/r&d.jpg"))
  emulator$put_result(
    ids[6],
    list(SessionId = ids[6], Status = "SUCCEEDED", Confidence = 95, ReferenceImage = image)
  )
  feedback <- lapply(c("FACE_NOT_VISIBLE", "EYES_CLOSED_DETECTED"), function(code) {
    list(Code = code, Message = "m")
  })
  emulator$put_result(ids[7], list(SessionId = ids[7], Status = "FAILED", Feedback = feedback))
  liveness_results(c(ids, some_id), svc, ...)
}

# The report as one string.
report_of <- function(results, ..., frame = parent.frame()) {
  file <- withr::local_tempfile(fileext = ".html", .local_envir = frame)
  expect_identical(expect_invisible(liveness_report(results, file, ...)), file)
  text <- readChar(file, file.size(file), useBytes = TRUE)
  Encoding(text) <- "UTF-8"
  expect_true(validEnc(text))
  text
}

count_matches <- function(pattern, text) {
  sum(gregexpr(pattern, text, perl = TRUE)[[1]] > 0)
}

# Without the megabytes of a failure of expect_match().
expect_says <- function(text, words) {
  expect_true(grepl(words, text, fixed = TRUE), label = paste("that the report says", words))
}

# Cells of the table of sessions with this label, as they are in the file.
report_cells <- function(text, label) {
  pattern <- paste0("(?s)<td class=\"[a-z]+\" data-label=\"", label, "\"[^>]*>(.*?)</td>")
  found <- regmatches(text, gregexpr(pattern, text, perl = TRUE))[[1]]
  sub(pattern, "\\1", found, perl = TRUE)
}

test_that("a report is one file, for the owner alone, that loads nothing", {
  results <- reported_results()
  dir <- withr::local_tempdir()
  file <- file.path(dir, "report.html")
  writeLines("old", file)
  Sys.chmod(file, "644")
  liveness_report(results, file, thresholds = 90)
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), "report.html")
  if (.Platform$OS.type == "unix") {
    expect_identical(format(file.mode(file)), "600")
  }
  text <- report_of(results, thresholds = 90)
  expect_says(text, "Content-Security-Policy\" content=\"default-src 'none'; img-src data:;")
  # Not the images, nor what the script calls its variables.
  rest <- sub("(?s)<script>.*</script>", "", gsub("\"data:[^\"]*\"", "\"data:\"", text), perl = TRUE)
  attributes <- "(src|href|action|srcset|poster|data)\\s*=\\s*[\"']?+(?!data:)[^\\s>]"
  expect_identical(count_matches(attributes, rest), 0L)
  expect_identical(count_matches("url\\(|@import|https?:|[\"'(]//", rest), 0L)
  expect_identical(
    count_matches("https?:|fetch\\(|import|XMLHttpRequest|eval|innerHTML", sub(".*<script>", "", text)),
    0L
  )
  expect_identical(count_matches("<!DOCTYPE html>", text), 1L)
  expect_identical(count_matches("<tr data-status", text), nrow(results))
})

test_that("a report tells of each session what the results tell", {
  results <- reported_results()
  text <- report_of(results)
  expect_identical(report_cells(text, "Session"), results$session_id)
  expect_identical(
    report_cells(text, "Confidence"),
    c("99.95", "89.99999", "90", "71.25", "12.5", "95", "", "", "")
  )
  expect_match(report_cells(text, "Status")[9], "SessionNotFoundException")
  expect_match(report_cells(text, "Error")[9], "SessionNotFoundException (HTTP 400).", fixed = TRUE)
  expect_identical(report_cells(text, "Error")[1:8], rep("", 8))
  feedback <- gsub("<[^>]*>", "|", report_cells(text, "Feedback"))
  expect_identical(
    feedback[5:8],
    c("|There was too little light.|", "", "|The face could not be seen.|||The eyes were closed.|", "")
  )
  expect_identical(report_cells(text, "Request id"), results$request_id)
  expect_identical(report_cells(text, "Attempts"), as.character(results$attempts))
  expect_identical(
    report_cells(text, "Retrieved at \\(UTC\\)"),
    format(results$retrieved_at, "%Y-%m-%d %H:%M:%S", tz = "UTC")
  )
  images <- report_cells(text, "Images")
  expect_match(images[1], as.character(results$reference_image[[1]]), fixed = TRUE)
  expect_match(images[1], as.character(results$audit_images[[1]][[1]]), fixed = TRUE)
  expect_match(images[6], "reference: s3://b/k/r&amp;d.jpg", fixed = TRUE)
  expect_identical(count_matches("class=\"box\" style", text), 10L)
  expect_says(text, "<dd>9</dd>")
  expect_says(text, "<dt>SUCCEEDED</dt><dd>6</dd>")
  expect_says(text, "<dt>SessionNotFoundException</dt><dd>1</dd>")
})

test_that("thresholds in a report are those of threshold_rates()", {
  results <- reported_results()
  results$live <- c(TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, NA, NA, NA)
  thresholds <- c(90, 99.5, 71.25)
  rates <- rekognition:::threshold_rates(results, thresholds, "live", NULL)
  text <- report_of(results, thresholds = thresholds, label = "live")
  rows <- vapply(
    seq_len(nrow(rates)),
    function(i) {
      rate <- rates[i, ]
      shares <- rekognition:::percent(c(rate$share, rate$false_accept, rate$false_reject))
      cells <- c(rate$threshold, paste(rate$passed, "of", rate$sessions), shares)
      paste0("<tr>", paste0("<td>", cells, "</td>", collapse = ""), "</tr>")
    },
    ""
  )
  for (row in rows) {
    expect_says(text, row)
  }
  expect_says(text, "Reviewed: 3 live persons, 3 attacks.")
  expect_says(text, "<option value=\"99.5\">below 99.5</option>")
  expect_match(
    text,
    "role=\"img\" aria-label=\"Histogram of the confidence of 6 sessions, from 12.5 to 99.95",
    fixed = TRUE
  )
  none <- report_of(results)
  expect_false(grepl(">Threshold<|>below |A session passes", none))
})

test_that("nothing in the results or the title is taken for HTML", {
  results <- reported_results()
  nasty <- c(
    "<script>alert(1)</script>",
    "\"onmouseover=\"alert(2)",
    "'><img src=x onerror=alert(3)>",
    "a & b",
    "</td>"
  )
  results$session_id[1:5] <- nasty
  results$status[1:5] <- rev(nasty)
  results$request_id[1:5] <- nasty
  results$challenge_type[1:5] <- nasty
  results$feedback[[1]] <- data.frame(code = nasty[1:2], message = nasty[2:3])
  results$error[[2]] <- simpleError(nasty[1])
  results[["<script>alert(4)</script>"]] <- rep_len(nasty, nrow(results))
  results$notes <- lapply(seq_len(nrow(results)), function(i) nasty)
  results$kind <- factor(rep_len(nasty, nrow(results)))
  text <- report_of(results, title = "</title><script>alert(5)</script>")
  expect_identical(count_matches("<script", text), 1L)
  expect_identical(count_matches("<title>", sub("<svg.*?</svg>", "", text)), 1L)
  expect_identical(count_matches("<img src=x| onmouseover=\"", text), 0L)
  expect_identical(count_matches("<td ", text), count_matches("</td>\n", text))
  expect_says(text, "&lt;script&gt;alert(1)&lt;/script&gt;")
  expect_says(text, "data-label=\"&lt;script&gt;alert(4)&lt;/script&gt;\"")
  expect_says(text, "a &amp; b")
})

test_that("a code of feedback that is new is shown with the service's words", {
  results <- reported_results()
  results$feedback[[1]] <- data.frame(code = "SUNGLASSES_DETECTED", message = "Take them off.")
  results$feedback[[2]] <- data.frame(code = "HAT_DETECTED", message = NA_character_)
  feedback <- gsub("<[^>]*>", "", report_cells(report_of(results), "Feedback"))
  expect_identical(feedback[1:2], c("SUNGLASSES_DETECTED: Take them off.", "HAT_DETECTED"))
})

test_that("a report shows columns that were added, and does without those that were taken away", {
  results <- reported_results()
  results$user <- c("Ada", NA, letters[3:9])
  results$score <- c(1.5, NA, 3:9)
  results$day <- as.Date("2026-01-31") + 0:8
  results$both <- cbind(1:9, 11:19)
  results$scan <- rep(list(as.raw(1:3)), 9)
  results$empty <- NA
  text <- report_of(results)
  expect_identical(report_cells(text, "user"), c("Ada", "", letters[3:9]))
  expect_identical(report_cells(text, "score")[1:3], c("1.5", "", "3"))
  expect_identical(report_cells(text, "day")[2], "2026-02-01")
  expect_identical(report_cells(text, "both")[2], "2 12")
  expect_identical(report_cells(text, "scan")[2], "3 bytes")
  expect_identical(report_cells(text, "empty"), character())

  few <- report_of(results[c("session_id", "status")])
  expect_identical(report_cells(few, "Session"), results$session_id)
  expect_says(few, "No session has a confidence.")
  expect_error(
    report_of(results[c("session_id", "confidence")]),
    "no column `status`",
    class = "rekognition_error"
  )
  # Names are not completed: `error_code` alone is no `error`.
  some <- report_of(results[c("session_id", "status", "error_code")])
  expect_match(report_cells(some, "Status")[9], "SessionNotFoundException")
  expect_identical(report_cells(some, "Error"), character())
})

test_that("a report of no sessions, of one, and of plain data frames can be written", {
  results <- reported_results()
  expect_says(report_of(results[0, ], thresholds = 80), "<dd>0</dd>")
  expect_says(report_of(results[1, ], thresholds = 80), "100 %")
  expect_says(report_of(results[9, ]), "No session has a confidence.")
  expect_identical(report_cells(report_of(as.data.frame(results)), "Session"), results$session_id)
  factors <- data.frame(session_id = factor("x"), status = factor("SUCCEEDED"), confidence = 50L)
  expect_identical(report_cells(report_of(factors), "Confidence"), "50")
})

test_that("images in files are in the report, and one that cannot be read leaves the others alone", {
  dir <- withr::local_tempdir()
  results <- reported_results(dir = dir)
  unlink(results$reference_image[[1]])
  writeLines("no picture", results$reference_image[[2]])
  images <- report_cells(report_of(results), "Images")
  expect_match(
    images[1],
    "class=\"problem\">reference: `reference_image` is not a file that can be read",
    fixed = TRUE
  )
  expect_match(images[1], "audit-1 image of", fixed = TRUE)
  expect_match(images[2], "reference: The image is neither JPEG nor PNG.", fixed = TRUE)
  expect_match(images[3], as.character(liveness_image(results$reference_image[[3]])), fixed = TRUE)
  expect_identical(count_matches("class=\"box\"", images[3]), 2L)
})

test_that("a report of results without images says how many there were", {
  images <- report_cells(report_of(reported_results(images = "drop")), "Images")
  expect_match(images[1], "1 audit image, not kept", fixed = TRUE)
  expect_false(any(grepl("<img|data:", images)))
})

test_that("a report is UTF-8 in every locale, and holds no control characters", {
  write <- function(config) {
    results <- data.frame(session_id = c("\u00e9\u5c71", "b"), status = "SUCCEEDED", confidence = c(1.5, 2))
    latin <- rawToChar(as.raw(c(0x4a, 0x6f, 0x73, 0xe9)))
    Encoding(latin) <- "latin1"
    bytes <- rawToChar(as.raw(c(0xff, 0xfe)))
    Encoding(bytes) <- "bytes"
    results$user <- c(latin, bytes)
    results$note <- c("a\u0001b\u001b[31mc\rd\u0085e", "line\nline\ttab")
    file <- tempfile(fileext = ".html")
    rekognition::liveness_report(results, file, title = latin, thresholds = 1.75)
    readBin(file, "raw", 1e6)
  }
  in_c <- callr::r(
    write,
    list(NULL),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), LC_ALL = "C")
  )
  for (bytes in list(in_c, write(NULL))) {
    text <- rawToChar(bytes)
    Encoding(text) <- "UTF-8"
    expect_true(validEnc(text))
    expect_says(text, "<h1>Jos\u00e9</h1>")
    expect_identical(report_cells(text, "Session"), c("\u00e9\u5c71", "b"))
    expect_identical(report_cells(text, "user"), c("Jos\u00e9", "&lt;ff&gt;&lt;fe&gt;"))
    expect_identical(report_cells(text, "note"), c("a\ufffdb\ufffd[31mc\ufffdd\ufffde", "line\nline\ttab"))
    expect_false(any(bytes %in% as.raw(c(0:8, 11:31))))
  }
})

test_that("a report that cannot be written is not there at all", {
  skip_on_os("windows")
  dir <- withr::local_tempdir()
  script <- local_file(c(
    "dir <- commandArgs(TRUE)",
    "x <- data.frame(session_id = rep(strrep('x', 1000), 200), status = 'SUCCEEDED')",
    "caught <- tryCatch(rekognition::liveness_report(x, file.path(dir, 'report.html')), rekognition_error = identity)",
    "cat(conditionMessage(caught), list.files(dir, all.files = TRUE, no.. = TRUE), file = stderr())"
  ))
  # A disk that is full after some blocks.
  shell <- "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""
  result <- callr::process$new(
    "sh",
    c("-c", shell, file.path(R.home("bin"), "Rscript"), script, dir),
    stderr = "|",
    env = c("current", R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
  result$wait(60000)
  expect_match(result$read_all_error(), "The file cannot be written: .*report.html[.] $")
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), character())
})

test_that("bad arguments of a report are found before anything is written", {
  results <- reported_results()
  dir <- withr::local_tempdir()
  file <- file.path(dir, "report.html")
  refuses <- function(argument, ...) {
    error <- caught(liveness_report(...))
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, argument)
    expect_identical(error$call, quote(liveness_report(...)))
  }
  refuses("results")
  refuses("results", list(), file)
  refuses("results", data.frame(session_id = "a", status = "b", confidence = "99"), file)
  refuses("file", results, 1)
  refuses("file", results, "")
  refuses("file", results, dir)
  refuses("file", results, file.path(dir, "no", "report.html"))
  refuses("title", results, file, title = NULL)
  refuses("thresholds", results, file, thresholds = 101)
  refuses("label", results, file, label = "user")
  refuses("label", results, file, thresholds = 90, label = "session_id")
  expect_error(
    liveness_report(results[c("session_id", "status")], file, thresholds = 90),
    "no column `confidence`",
    class = "rekognition_error"
  )
  expect_identical(list.files(dir), character())
})

test_that("the summary of results says what thresholds do", {
  results <- reported_results()
  results$live <- c(TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, NA, NA, NA)
  expect_null(summary(results)$thresholds)
  summed <- summary(results, thresholds = c(95, 90), label = "live")
  expect_identical(summed$thresholds, rekognition:::threshold_rates(results, c(90, 95), "live", NULL))
  expect_identical(summed$thresholds$passed, c(3L, 2L))
  expect_output(
    print(summed),
    "thresholds:\n threshold sessions passed  share .*\n        90        6      3 0.5000"
  )
  expect_no_match(capture.output(print(summary(results))), "thresholds")
  expect_error(summary(results, 101), class = "rekognition_argument_error")
  expect_error(summary(results, label = "user"), class = "rekognition_argument_error")
})

# --- In a browser ---

open_report <- function(results, ..., frame = parent.frame()) {
  skip_if_not_installed("curl")
  skip_if_not_installed("jsonlite")
  browser <- local_browser(frame)
  file <- withr::local_tempfile(fileext = ".html", .local_envir = frame)
  liveness_report(results, file, ...)
  browse(browser, paste0("file://", normalizePath(file, "/")))
  set_screen(browser, 1400, 900)
}

visible_sessions <- function(browser) {
  unlist(run_script(
    browser,
    "return [...document.querySelectorAll('#sessions tbody tr')]
      .filter(row => row.offsetHeight > 0).map(row => row.cells[0].textContent)"
  ))
}

choose <- function(browser, id, words) {
  run_script(
    browser,
    "const list = document.getElementById(arguments[0]);
     list.selectedIndex = [...list.options].findIndex(option => option.text === arguments[1]);
     list.dispatchEvent(new Event('input', {bubbles: true}))",
    id,
    words
  )
}

test_that("a report can be sorted with the columns' heads", {
  results <- reported_results()
  ids <- results$session_id
  browser <- open_report(results)
  expect_identical(visible_sessions(browser), ids)
  click(browser, "th:nth-child(3) button")
  # Numbers as numbers, and the missing ones last in both directions.
  expect_identical(visible_sessions(browser), ids[c(5, 4, 2, 3, 6, 1, 7, 8, 9)])
  type(browser, "th:nth-child(3) button", "\ue007", clear = FALSE)
  expect_identical(visible_sessions(browser), ids[c(1, 6, 3, 2, 4, 5, 7, 8, 9)])
  sorted <- run_script(
    browser,
    "return [...document.querySelectorAll('th')].slice(0, 3).map(head => head.ariaSort)"
  )
  expect_identical(unlist(sorted), c("none", "none", "descending"))
  expect_identical(console_errors(browser), character())
})

test_that("a report can be filtered, and counts what is left", {
  results <- reported_results()
  ids <- results$session_id
  results$user <- c("Jos\u00e9 Mu\u00f1oz", "Ada", "Ben", "ada", letters[1:5])
  browser <- open_report(results, thresholds = 90)
  expect_identical(text_of(browser, "#count"), "9 sessions")
  choose(browser, "status", "FAILED")
  expect_identical(visible_sessions(browser), ids[7])
  expect_identical(text_of(browser, "#count"), "1 of 9 sessions")
  click(browser, "#clear")
  expect_identical(text_of(browser, "#count"), "9 sessions")
  found <- function(text) {
    type(browser, "#text", text)
    visible_sessions(browser)
  }
  expect_identical(found("ADA"), ids[c(2, 4)])
  expect_identical(found("mu\u00f1oz jos"), ids[1])
  expect_identical(found("EYES_closed"), ids[7])
  expect_identical(found("session not found"), ids[9])
  expect_identical(found(ids[3]), ids[3])
  expect_null(found("nobody"))
  expect_identical(text_of(browser, "#nothing"), "No session matches.")
  click(browser, "#clear")
  # 89.99999 is below 90, and 90 is not.
  choose(browser, "threshold", "below 90")
  expect_identical(visible_sessions(browser), ids[c(2, 4, 5)])
  type(browser, "#from", "71.25")
  expect_identical(visible_sessions(browser), ids[c(2, 4)])
  type(browser, "#to", "80")
  expect_identical(visible_sessions(browser), ids[4])
  expect_identical(text_of(browser, "#count"), "1 of 9 sessions")
  expect_identical(console_errors(browser), character())
})

# How far the box is from where the service says, in pixels.
box_distance <- function(browser, selector, image) {
  places <- run_script(
    browser,
    "const place = (part) => { const r = part.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom] };
     const frame = document.querySelector(arguments[0]);
     return [place(frame.querySelector('img')), place(frame.querySelector('.box'))]",
    selector
  )
  picture <- unlist(places[[1]])
  sides <- rekognition:::box_sides(image, "auto")
  wanted <- picture[c(1, 2, 1, 2)] + sides * (picture[3:4] - picture[1:2])[c(1, 2, 1, 2)]
  max(abs(unlist(places[[2]]) - wanted))
}

test_that("images in a report are enlarged, one after the other, with the box around the face", {
  results <- reported_results()
  browser <- open_report(results)
  expect_lt(box_distance(browser, "button.image", results$reference_image[[1]]), 0.6)
  press <- function(key) type(browser, "#viewer", key, clear = FALSE)
  caption <- function() text_of(browser, "#caption")
  type(browser, "button.image", "\ue007", clear = FALSE)
  expect_identical(caption(), paste0("reference image of ", results$session_id[1], " (1 of 10)"))
  expect_lt(box_distance(browser, ".frame", results$reference_image[[1]]), 0.6)
  expect_identical(
    unlist(run_script(
      browser,
      "const image = document.querySelector('.frame img'); return [image.width, image.height]"
    )),
    c(480L, 640L)
  )
  click(browser, "#next")
  expect_identical(caption(), paste0("audit-1 image of ", results$session_id[1], " (2 of 10)"))
  expect_lt(box_distance(browser, ".frame", results$audit_images[[1]][[1]]), 0.6)
  type(browser, "#next", "\ue014", clear = FALSE)
  expect_match(caption(), results$session_id[2], fixed = TRUE)
  for (i in 1:3) {
    click(browser, "#previous")
  }
  expect_match(caption(), "10 of 10", fixed = TRUE)
  set_screen(browser, 400, 600)
  expect_lt(box_distance(browser, ".frame", results$audit_images[[5]][[1]]), 0.6)
  type(browser, "#next", "\ue00c", clear = FALSE)
  # Back on the picture that was shown last.
  last <- paste0("audit-1 image of ", results$session_id[5])
  wait_until(identical(run_script(browser, "return document.activeElement.querySelector('img').alt"), last))
  expect_identical(console_errors(browser), character())
})

test_that("a report fits a narrow screen", {
  results <- reported_results()
  results$long <- strrep("x", 500)
  results[[strrep("y", 200)]] <- "z"
  browser <- open_report(results, thresholds = c(80, 90, 90.5, 99), title = strrep("title", 50))
  for (width in c(320, 400, 760, 1000)) {
    set_screen(browser, width, 800)
    expect_lte(run_script(browser, "return document.documentElement.scrollWidth"), width)
  }
})

test_that("on paper a report has the rows that the filter left, and the head of the table on each page", {
  skip_if(!nzchar(Sys.which("pdftotext")), "there is no pdftotext")
  results <- reported_results()
  ids <- results$session_id
  results <- results[rep(1:9, each = 8), ]
  browser <- open_report(results, thresholds = 90)
  choose(browser, "threshold", "below 90")
  pdf <- withr::local_tempfile()
  writeBin(jsonlite::base64_dec(webdriver(browser, "/print", list(shrinkToFit = TRUE))), pdf)
  pages <- strsplit(paste(system2("pdftotext", c(pdf, "-"), stdout = TRUE), collapse = "\n"), "\f")[[1]]
  with_rows <- grep(paste(substr(ids, 1, 8), collapse = "|"), pages, value = TRUE)
  expect_gt(length(with_rows), 1)
  expect_identical(
    unname(vapply(with_rows, count_matches, 1L, pattern = "Retrieved")),
    rep(1L, length(with_rows))
  )
  text <- gsub("\\s", "", paste(pages, collapse = ""))
  expect_match(text, "24of72sessions", fixed = TRUE)
  expect_false(grepl("Search", text))
  expect_identical(
    vapply(ids, function(id) grepl(substr(id, 1, 8), text), NA, USE.NAMES = FALSE),
    1:9 %in% c(2, 4, 5)
  )
})

test_that("hostile strings do nothing in a browser", {
  results <- reported_results()
  nasty <- c(
    "<script>document.title = 'hit'</script>",
    "\" onmouseover=\"document.title='hit'",
    "'><img src=x onerror=\"document.title='hit'\">",
    "</style></script><svg onload=\"document.title='hit'\">",
    "</textarea></title><iframe srcdoc='<script>parent.document.title=1</script>'>"
  )
  results$session_id <- rep_len(nasty, 9)
  results$status <- rep_len(rev(nasty), 9)
  results[[nasty[3]]] <- rep_len(nasty, 9)
  results$error[[1]] <- simpleError(nasty[4])
  results$reference_image[[2]] <- liveness_image(as.raw(c(0xff, 0xd8, 0xff, 1:97)))
  browser <- open_report(results, title = nasty[5], thresholds = 90)
  expect_identical(run_script(browser, "return document.title"), nasty[5])
  expect_identical(visible_sessions(browser), results$session_id)
  choose(browser, "status", nasty[1])
  expect_identical(visible_sessions(browser), results$session_id[results$status == nasty[1]])
  click(browser, "#clear")
  click(browser, "button.image")
  expect_match(text_of(browser, "#caption"), nasty[1], fixed = TRUE)
  expect_identical(run_script(browser, "return document.querySelectorAll('script').length"), 1L)
  expect_identical(
    run_script(browser, "return document.querySelectorAll('iframe, [onload], [onerror]').length"),
    0L
  )
  # A picture that is none says so.
  wait_until(grepl("The image cannot be shown.", text_of(browser, "tr:nth-child(2) .problem")))
  expect_identical(console_errors(browser), character())
})
