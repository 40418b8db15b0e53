# Reports in Chromium.

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

choose <- function(browser, id, label) {
  run_script(
    browser,
    "const list = document.getElementById(arguments[0]);
     list.selectedIndex = [...list.options].findIndex(option => option.text === arguments[1]);
     list.dispatchEvent(new Event('input', {bubbles: true}))",
    id,
    label
  )
}

test_that("a report can be sorted by clicking column headers", {
  results <- reported_results()
  ids <- results$session_id
  browser <- open_report(results)
  expect_identical(visible_sessions(browser), ids)
  click(browser, "th:nth-child(3) button")
  # Numbers are sorted as numbers, with missing ones last in both directions.
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

test_that("a report can be filtered, and counts the matching sessions", {
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
    type(browser, "#search", text)
    visible_sessions(browser)
  }
  expect_identical(found("ADA"), ids[c(2, 4)])
  # The phrase as it is typed, in all cells.
  expect_identical(found("  jos\u00e9  mu\u00f1oz"), ids[1])
  expect_null(found("mu\u00f1oz jos"))
  expect_identical(found("succeeded"), ids[1:6])
  expect_identical(found("89.99"), ids[2])
  expect_identical(found("s3://b/k"), ids[6])
  expect_identical(found("EYES_closed"), ids[7])
  expect_identical(found("session not found"), ids[9])
  expect_identical(found(ids[3]), ids[3])
  # An ID is matched by its start.
  expect_identical(found(substr(ids[3], 1, 12)), ids[3])
  expect_null(found(substring(ids[3], 3)))
  expect_null(found("nobody"))
  expect_identical(text_of(browser, "#no-match"), "No sessions match the filters.")
  click(browser, "#clear")
  # 89.99999 is below 90; 90 is not.
  choose(browser, "threshold", "below 90")
  expect_identical(visible_sessions(browser), ids[c(2, 4, 5)])
  type(browser, "#min-confidence", "71.25")
  expect_identical(visible_sessions(browser), ids[c(2, 4)])
  type(browser, "#max-confidence", "80")
  expect_identical(visible_sessions(browser), ids[4])
  expect_identical(text_of(browser, "#count"), "1 of 9 sessions")
  expect_identical(console_errors(browser), character())
})

test_that("a report can be filtered and sorted by decision", {
  results <- reported_results()
  ids <- results$session_id
  browser <- open_report(results, decision = c(review = 80, pass = 90))
  for (kind in list(
    list("pass", c(1, 3, 6)),
    list("review", 2),
    list("fail", c(4, 5, 7)),
    list("no decision", 8:9)
  )) {
    choose(browser, "decision", kind[[1]])
    expect_identical(visible_sessions(browser), ids[kind[[2]]])
  }
  click(browser, "#clear")
  # From pass to fail, with those that have no decision last in both directions.
  click(browser, "th:nth-child(2) button")
  expect_identical(visible_sessions(browser), ids[c(1, 3, 6, 2, 4, 5, 7, 8, 9)])
  click(browser, "th:nth-child(2) button")
  expect_identical(visible_sessions(browser), ids[c(4, 5, 7, 2, 1, 3, 6, 8, 9)])
  expect_identical(console_errors(browser), character())
})

# The largest distance of the box from its place in the service's response, in pixels.
box_distance <- function(browser, selector, image) {
  places <- run_script(
    browser,
    "const place = (part) => { const r = part.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom] };
     const frame = document.querySelector(arguments[0]);
     return [place(frame.querySelector('img')), place(frame.querySelector('.box'))]",
    selector
  )
  image_sides <- unlist(places[[1]])
  sides <- rekognition:::box_sides(image, "auto")
  expected <- image_sides[c(1, 2, 1, 2)] +
    sides * (image_sides[3:4] - image_sides[1:2])[c(1, 2, 1, 2)]
  max(abs(unlist(places[[2]]) - expected))
}

test_that("images in a report can be enlarged and browsed, with face boxes", {
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
  # The focus returns to the image that was shown last.
  last <- paste0("audit-1 image of ", results$session_id[5])
  wait_until(identical(run_script(browser, "return document.activeElement.querySelector('img').alt"), last))
  expect_identical(console_errors(browser), character())
})

test_that("an image that was scaled down is enlarged to its size, with its face box", {
  results <- reported_results()
  browser <- open_report(results, image_size = 200)
  expect_lt(box_distance(browser, "button.image", results$reference_image[[1]]), 0.6)
  click(browser, "button.image")
  sizes <- "const image = document.querySelector('.frame img');
    return [image.naturalWidth, image.naturalHeight, image.width, image.height]"
  expect_identical(unlist(run_script(browser, sizes)), c(120L, 160L, 480L, 640L))
  expect_lt(box_distance(browser, ".frame", results$reference_image[[1]]), 0.6)
})

test_that("the table of a report fits a screen of 1,280 pixels, with its columns aligned", {
  results <- reported_results()
  results$region <- rep_len(c("eu-central-1", "us-east-1"), 9)
  results$attempts <- 10L
  results$user <- "Wolfeschlegelsteinhausenbergerdorff"
  results$live <- TRUE
  browser <- open_report(results, decision = c(review = 80, pass = 90), thresholds = 95, label = "live")
  set_screen(browser, 1280, 900)
  widths <- unlist(run_script(
    browser,
    "return ['#sessions', '.rates table'].map(table => {
       const frame = document.querySelector(table).parentNode;
       return frame.scrollWidth - frame.clientWidth
     })"
  ))
  expect_identical(widths, c(0L, 0L))
  # No text of a cell is beyond its cell, and each cell is below its header.
  beyond <- run_script(
    browser,
    "const headers = [...document.querySelectorAll('#sessions th')].map(head => head.getBoundingClientRect());
     return [...document.querySelectorAll('#sessions td')].filter(cell => {
       const head = headers[cell.cellIndex], place = cell.getBoundingClientRect();
       return Math.abs(place.left - head.left) > 0.5 || cell.scrollWidth > cell.clientWidth + 1
     }).map(cell => cell.dataset.label)"
  )
  expect_identical(beyond, list())
})

test_that("a report with many columns is scrolled sideways, and breaks no status, number or date", {
  results <- reported_results(images = "drop")
  results$status[1:2] <- c("IN_PROGRESS", "EXPIRED")
  results$amount <- 1234567.5
  results$due <- as.POSIXct("2026-01-31 12:00:00", tz = "UTC")
  results$day <- as.Date("2026-01-31")
  results$remark <- strrep("A long remark without an end. ", 8)
  results$a <- results$b <- results$c <- "some text"
  browser <- open_report(results, decision = c(review = 80, pass = 90))
  set_screen(browser, 1280, 900)
  run_script(browser, "dispatchEvent(new Event('resize'))")
  # The last column can be reached where the table is, without scrolling to the last session.
  place <- run_script(
    browser,
    "const frame = document.querySelector('#sessions').parentNode;
     frame.scrollLeft = 1e6;
     const last = document.querySelector('#sessions th:last-child').getBoundingClientRect();
     return [frame.scrollWidth - frame.clientWidth, frame.clientHeight, last.right, document.body.scrollWidth]"
  )
  expect_gt(place[[1]], 0)
  expect_lt(place[[2]], 900)
  expect_lt(place[[3]], 1280)
  expect_lte(place[[4]], 1280)
  lines <- run_script(
    browser,
    "const selector = '.status .neutral, td.number, td.date, .whole';
     const parts = [...document.querySelectorAll('#sessions tbody :is(' + selector + ')')];
     return parts.map(part => {
       const range = document.createRange();
       range.selectNodeContents(part);
       return new Set([...range.getClientRects()].map(place => Math.round(place.top))).size
     })"
  )
  expect_setequal(unlist(lines), c(0, 1))
  remark <- run_script(
    browser,
    "return [...document.querySelectorAll('#sessions td')].find(cell => cell.dataset.label === 'remark').clientWidth"
  )
  expect_gt(remark, 150)
})

test_that("labels of lines in a report are not over lines or each other", {
  results <- reported_results()
  for (lines in list(
    list(c(80, 90), c(review = 80, pass = 95)),
    list(c(75, 82.5, 90, 99), c(review = 70.5, pass = 95)),
    list(c(5, 50), c(review = 10, pass = 30)),
    list(NULL, c(review = 2, pass = 98))
  )) {
    browser <- open_report(results, thresholds = lines[[1]], decision = lines[[2]])
    for (width in c(390, 1280)) {
      set_screen(browser, width, 900)
      hits <- run_script(
        browser,
        "const all = (name) => [...document.querySelectorAll('svg ' + name)]
           .filter(part => /threshold|decision/.test(part.getAttribute('class')))
           .map(part => part.getBoundingClientRect());
         const labels = all('text');
         const hit = (a, b) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
         const beyond = labels.filter(label => label.left < 0 || label.right > innerWidth);
         const crossed = labels.filter(a => [...all('line'), ...labels].some(b => a !== b && hit(a, b)));
         return [labels.length, beyond.length, crossed.length]"
      )
      expect_identical(hits[[1]], length(union(lines[[1]], lines[[2]])))
      expect_identical(unlist(hits[2:3]), c(0L, 0L), label = paste(width, deparse1(lines)))
    }
  }
})

test_that("a report of no sessions does not blame filters", {
  browser <- open_report(reported_results()[0, ])
  expect_identical(text_of(browser, "#count"), "0 sessions")
  expect_identical(text_of(browser, "#no-match"), "")
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

test_that("a printed report has the filtered rows, and the table header on each page", {
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

test_that("hostile strings have no effect in a browser", {
  results <- reported_results()
  hostile <- c(
    "<script>document.title = 'hit'</script>",
    "\" onmouseover=\"document.title='hit'",
    "'><img src=x onerror=\"document.title='hit'\">",
    "</style></script><svg onload=\"document.title='hit'\">",
    "</textarea></title><iframe srcdoc='<script>parent.document.title=1</script>'>"
  )
  results$session_id <- rep_len(hostile, 9)
  results$status <- rep_len(rev(hostile), 9)
  results[[hostile[3]]] <- rep_len(hostile, 9)
  results$error[[1]] <- simpleError(hostile[4])
  results$reference_image[[2]] <- liveness_image(as.raw(c(0xff, 0xd8, 0xff, 1:97)))
  browser <- open_report(results, title = hostile[5], thresholds = 90)
  expect_identical(run_script(browser, "return document.title"), hostile[5])
  expect_identical(visible_sessions(browser), results$session_id)
  choose(browser, "status", hostile[1])
  expect_identical(visible_sessions(browser), results$session_id[results$status == hostile[1]])
  click(browser, "#clear")
  click(browser, "button.image")
  expect_match(text_of(browser, "#caption"), hostile[1], fixed = TRUE)
  expect_identical(run_script(browser, "return document.querySelectorAll('script').length"), 1L)
  expect_identical(
    run_script(browser, "return document.querySelectorAll('iframe, [onload], [onerror]').length"),
    0L
  )
  # A note replaces an image that cannot be decoded.
  wait_until(grepl("The image cannot be shown.", text_of(browser, "tr:nth-child(2) .error")))
  expect_identical(console_errors(browser), character())
})
