# Whole checks with the example back end: in Chromium, with a camera that shows a drawn face.

# Records what the page sends and receives, the WebSockets that it opens, and violations of its policy.
recorder <- "
  window.traffic = [];
  window.sockets = [];
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
  const plainFetch = window.fetch;
  window.fetch = async (url, options = {}) => {
    const sent = options.body instanceof Blob ? await options.body.text() : String(options.body ?? '');
    const response = await plainFetch(url, options);
    response.clone().text().then((received) => traffic.push(url, sent, received), () => {});
    return response;
  };
  window.WebSocket = class extends WebSocket {
    constructor(url) {
      super(url);
      sockets.push(url);
    }
  };
"

local_check_page <- function(app, frame = parent.frame()) {
  skip_without_camera()
  browser <- local_browser(frame, camera_flags())
  cdp(browser, "Page.addScriptToEvaluateOnNewDocument", source = recorder)
  browse(browser, app$url)
  browser
}

# Starts a check, and returns its session.
start_camera <- function(browser, emulator) {
  before <- created_sessions(emulator)
  click(browser, "#start:enabled")
  press_start(browser)
  setdiff(created_sessions(emulator), before)
}

created_sessions <- function(emulator) {
  requests <- emulator$requests()
  ids <- requests$session_id[requests$operation == "StartFaceLivenessSession"]
  ids[!is.na(ids)]
}

verdict_text <- function(browser, kind) {
  find(browser, paste0("#verdict.", kind))
  text_of(browser, "#verdict")
}

# Everything that a page has: its content, what it stores, and what it sent and received.
page_contents <- function(browser) {
  unlist(run_script(
    browser,
    "return [
      document.documentElement.outerHTML, document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage),
      ...traffic
    ]"
  ))
}

expect_no_violation <- function(browser) {
  expect_identical(unlist(run_script(browser, "return violations")), NULL)
  expect_identical(console_errors(browser), character())
}

test_that("a check runs through the back end: pass, fail, and again", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  browser <- local_check_page(app)
  for (confidence in c(99, 10)) {
    id <- start_camera(browser, emulator)
    expect_match(text_of(browser, "#verdict"), "Look into the camera")
    emulator$check(id, confidence = confidence, when = "streamed")
    if (confidence == 99) {
      expect_match(verdict_text(browser, "pass"), "You passed")
    } else {
      expect_match(verdict_text(browser, "fail"), "did not pass")
    }
    expect_length(find_all(browser, "#camera > *"), 0)
  }
  expect_length(unique(created_sessions(emulator)), 2)

  expect_no_violation(browser)
  expect_identical(unlist(run_script(browser, "return sockets")), NULL)
  # The one-time key, but no key of AWS, no score, and no image.
  contents <- page_contents(browser)
  expect_match(contents, "\"accessKeyId\":\"RELAY", fixed = TRUE, all = FALSE)
  keys <- emulator$config$credentials$creds
  for (secret in c(
    keys$access_key_id,
    keys$secret_access_key,
    "X-Amz-Security-Token",
    "Confidence",
    "ReferenceImage"
  )) {
    expect_false(any(grepl(secret, contents, fixed = TRUE)), info = secret)
  }
  expect_null(logged(app, "error"))
})

test_that("a verdict is shown although the network and the proxy fail on the way", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  skip_without_camera()
  browser <- local_browser(environment(), camera_flags())
  failing <- "
    window.failed = [];
    const failures = [502, 500, 429, 401, 'network', 'text'];
    const workingFetch = window.fetch;
    window.fetch = async (url, options) => {
      if (!/sessions.[0-9a-f-]+$/.test(url) || failures.length === 0) return workingFetch(url, options);
      const failure = failures.shift();
      failed.push(String(failure));
      if (failure === 'network') throw new TypeError('Failed to fetch');
      return failure === 'text' ? new Response('<html>') : new Response('<html>', { status: failure });
    };
  "
  cdp(browser, "Page.addScriptToEvaluateOnNewDocument", source = failing)
  browse(browser, app$url)
  id <- start_camera(browser, emulator)
  emulator$check(id, confidence = 99, when = "streamed")
  expect_match(verdict_text(browser, "pass"), "You passed")
  expect_length(run_script(browser, "return failed"), 6)
})

test_that("in direct mode the page streams to the service itself", {
  emulator <- test_emulator()
  app <- back_end(emulator, env = c(LIVENESS_ROLE_ARN = "arn:aws:iam::111122223333:role/liveness-page"))
  browser <- local_check_page(app)
  id <- start_camera(browser, emulator)
  emulator$check(id, confidence = 99, when = "streamed")
  expect_match(verdict_text(browser, "pass"), "You passed")
  expect_no_violation(browser)
  expect_match(unlist(run_script(browser, "return sockets")), sub("^http", "ws", emulator$url))
  # Keys that can do nothing else; those of the back end are not in the page.
  streams <- emulator$requests()
  streams <- streams[streams$operation == "StartFaceLivenessSession", ]
  expect_match(streams$access_key_id, "^ASIA")
  contents <- page_contents(browser)
  expect_match(contents, streams$access_key_id, fixed = TRUE, all = FALSE)
  keys <- unlist(emulator$config$credentials$creds)
  expect_false(any(vapply(keys, function(key) any(grepl(key, contents, fixed = TRUE)), NA)))
})

test_that("after a check that failed or was canceled, the page starts another one", {
  emulator <- test_emulator()
  app <- back_end(emulator)
  browser <- local_check_page(app)
  emulator$fault("stream_error", code = "ThrottlingException", message = "Rate exceeded")
  click(browser, "#start:enabled")
  find(browser, "#camera .rekognition-liveness-failed")
  expect_match(text_of(browser, "#camera"), "ThrottlingException: There are too many checks", fixed = TRUE)
  expect_identical(text_of(browser, "#verdict"), "You can try again.")

  id <- start_camera(browser, emulator)
  click(browser, ".amplify-liveness-cancel-button")
  wait_until(grepl("canceled", text_of(browser, "#camera")), "the check is canceled")
  expect_identical(text_of(browser, "#verdict"), "You can try again.")
  # The relay has told the service.
  svc <- rekognition(emulator$config)
  wait_until(svc$get_face_liveness_session_results(id)$Status == "FAILED", "the session has failed")

  emulator$fault("throttle")
  click(browser, "#start:enabled")
  wait_until(grepl("not available", text_of(browser, "#verdict")))
  expect_length(unique(created_sessions(emulator)), 2)
  expect_identical(logged(app, "error"), rep("ThrottlingException", 2))
})

test_that("checks run through several processes behind nginx, and a person sees that someone will look", {
  emulator <- test_emulator()
  app <- local_started(emulator, local_databases()[1], env = c(LIVENESS_REVIEW = "80"))
  browser <- local_check_page(app)
  for (confidence in c(85, 99)) {
    id <- start_camera(browser, emulator)
    emulator$check(id, confidence = confidence, when = "streamed")
    if (confidence == 85) {
      expect_match(verdict_text(browser, "review"), "We will look at your check")
    } else {
      expect_match(verdict_text(browser, "pass"), "You passed")
    }
  }
  expect_no_violation(browser)
  expect_null(logged(app, "error"))
})
