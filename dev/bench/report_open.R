# Writes a report of sessions with a reference image and two audit images each, and opens it in Chromium. Prints the seconds
# to write it, its size in MB, and the seconds until Chromium has drawn it and its filters work.
#
#   Rscript dev/bench/report_open.R <sessions>

sessions <- as.numeric(commandArgs(TRUE)[1])
source("tests/testthat/helper-browser.R")
Sys.setenv(NOT_CRAN = "true")

# 640 x 480 pixels with the noise of a camera, about 80 kB.
set.seed(1)
faces <- list.files(system.file("extdata", package = "rekognition"), "^face-.*jpg$", full.names = TRUE)
images <- lapply(rep_len(faces, 40), function(file) {
  pixels <- jpeg::readJPEG(file)
  noise <- array(rnorm(length(pixels), sd = 0.025), dim(pixels))
  pixels[] <- pmin(1, pmax(0, pixels + noise + noise[c(2:nrow(noise), 1), , ]))
  box <- list(Width = 0.45, Height = 0.42, Left = 0.28, Top = 0.25)
  rekognition::liveness_image(list(Bytes = jpeg::writeJPEG(pixels, raw(), 0.88), BoundingBox = box))
})
take <- function() images[[sample(length(images), 1)]]
results <- data.frame(
  session_id = sprintf("0f959dbb-37cc-45d8-a08d-%012d", seq_len(sessions)),
  status = "SUCCEEDED",
  confidence = round(100 * rbeta(sessions, 8, 1), 4),
  challenge_type = "FaceMovementAndLightChallenge",
  challenge_version = "2.0.0",
  sdk_type = "WEB",
  request_id = sprintf("1e14c5d9-8f21-4c37-9a3e-%012d", seq_len(sessions)),
  attempts = 1L,
  retrieved_at = Sys.time()
)
results$reference_image <- lapply(seq_len(sessions), function(i) take())
results$audit_images <- lapply(seq_len(sessions), function(i) list(take(), take()))

file <- tempfile(fileext = ".html")
written <- system.time(rekognition::liveness_report(results, file, decision = c(review = 80, pass = 95)))

open <- function() {
  browser <- local_browser()
  set_screen(browser, 1280, 900)
  started <- Sys.time()
  browse(browser, paste0("file://", file))
  run_script(
    browser,
    "document.getElementById('search').dispatchEvent(new Event('input', {bubbles: true}));
     return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
  )
  as.numeric(Sys.time() - started, units = "secs")
}
cat(written[["elapsed"]], file.size(file) / 1e6, open(), "\n")
unlink(file)
