# AWS's component for Face Liveness in Chromium, with a camera that shows a drawn face.

# A browser with a camera, for one test, and the page of `make page`, which shows the component.
local_check_browser <- function(frame = parent.frame()) {
  skip_without_camera()
  folder <- testthat::test_path("..", "..", ".build", "page")
  testthat::skip_if(!dir.exists(folder), "the page is not built: make page")
  browser <- local_browser(frame, camera_flags())
  # httpuv serves files from a thread of its own, while R waits for the browser.
  server <- httpuv::startServer(
    "127.0.0.1",
    httpuv::randomPort(),
    list(staticPaths = list("/" = httpuv::staticPath(folder, fallthrough = FALSE)))
  )
  withr::defer(server$stop(), frame)
  browser$page <- sprintf("http://127.0.0.1:%d/test-page.html", server$getPort())
  browser
}

skip_without_camera <- function() {
  testthat::skip_on_cran()
  for (package in c("callr", "curl", "httpuv", "jpeg", "jsonlite")) {
    testthat::skip_if_not_installed(package)
  }
}

# Arguments of Chromium for a camera that shows a video, to every page that asks.
camera_flags <- function(video = camera_video()) {
  c(
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    paste0("--use-file-for-fake-video-capture=", video)
  )
}

# Shows the component on a new page, for this session of an emulator. `...` replaces what the page gets.
show_check <- function(browser, emulator, session_id, ...) {
  options <- list(
    sessionId = session_id,
    region = emulator$config$region,
    endpoint = emulator$url,
    credentials = page_credentials(emulator$credentials(policy = liveness_policy()))
  )
  browse(browser, browser$page)
  run_script(browser, "startCheck(arguments[0])", utils::modifyList(options, list(...)))
}

# A session policy that allows a page to stream a check, or another action.
liveness_policy <- function(action = "rekognition:StartFaceLivenessSession") {
  statement <- list(Effect = "Allow", Action = action, Resource = "*")
  policy <- list(Version = "2012-10-17", Statement = list(statement))
  as.character(jsonlite::toJSON(policy, auto_unbox = TRUE))
}

# Credentials as JavaScript's SDK names them.
page_credentials <- function(credentials) {
  keys <- credentials$creds
  list(
    accessKeyId = keys$access_key_id,
    secretAccessKey = keys$secret_access_key,
    sessionToken = keys$session_token
  )
}

# Starts the recording, as a person does.
press_start <- function(browser) {
  click(browser, ".amplify-button--primary")
}

# What the component calls at the end: `callback` is "onAnalysisComplete", "onUserCancel", or "onError", which has a `state`,
# and the `name` and `message` of an error.
check_end <- function(browser) {
  wait_until(run_script(browser, "return calls")[1][[1]], "the component calls back")
}

# The camera's video, made once: JPEG images one after another (MJPEG), of which Chromium shows 30 per second, again and
# again. The face is far away for 4 seconds, comes closer in 2.5, is close for 14, and goes back in 1.5.
camera_video <- function() {
  file <- file.path(tempdir(), "camera.mjpeg")
  if (file.exists(file)) {
    return(file)
  }
  portrait <- jpeg::readJPEG(system.file("extdata", "face-0.jpg", package = "rekognition"))
  steps <- 75
  frames <- lapply(seq(0, 1, length.out = steps + 1), function(t) {
    jpeg::writeJPEG(view_of(portrait, closeness = t^2 * (3 - 2 * t)), quality = 0.88)
  })
  order <- c(rep(0, 120), seq_len(steps), rep(steps, 420), round(steps * (1 - seq_len(45) / 45)))
  connection <- file(file, "wb")
  on.exit(close(connection))
  for (frame in frames[order + 1]) {
    writeBin(frame, connection)
  }
  file
}

# The portrait as a camera of 640 x 480 pixels sees it. At closeness 1, the face fills the oval that the component draws;
# at 0, it is far enough away to start.
view_of <- function(portrait, closeness) {
  # The middle of the face, and the width of the oval in pixels of the portrait.
  center <- c(240, 306)
  scale <- 288 / 168.6 * 0.36^(1 - closeness)
  columns <- center[1] + (seq_len(640) - 320) / scale
  rows <- center[2] + (seq_len(480) - 250 + 10 * closeness) / scale
  # Between two pixels, a mixture of both; outside, the edge goes on.
  left <- pmin(pmax(floor(columns), 1), ncol(portrait) - 1)
  top <- pmin(pmax(floor(rows), 1), nrow(portrait) - 1)
  right_share <- rep(pmin(pmax(columns - left, 0), 1), each = nrow(portrait))
  bottom_share <- pmin(pmax(rows - top, 0), 1)
  wide <- portrait[, left, ] * (1 - right_share) + portrait[, left + 1, ] * right_share
  wide[top, , ] * (1 - bottom_share) + wide[top + 1, , ] * bottom_share
}

# The same camera without a person in front of it.
empty_video <- function() {
  file <- file.path(tempdir(), "empty.mjpeg")
  writeBin(jpeg::writeJPEG(array(0.6, c(480, 640, 3))), file)
  file
}

# A new session whose check has this challenge.
new_check <- function(svc, challenge = "FaceMovementChallenge") {
  preference <- list(Type = challenge, Versions = list(Minimum = "1.0.0", Maximum = "2.0.0"))
  svc$create_face_liveness_session(Settings = list(ChallengePreferences = list(preference)))$SessionId
}

status_of <- function(svc, id) {
  svc$get_face_liveness_session_results(id)$Status
}
