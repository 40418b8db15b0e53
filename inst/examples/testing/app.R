# A small application with a check. Its tests are in tests/testthat, and
# vignette("testing") explains them. Start it with
#
#   shiny::runApp(system.file("examples/testing", package = "rekognition"), launch.browser = TRUE)
#
# It uses the default client: AWS, or an emulator that the environment names.

check_app(record_in(tempfile("verdicts-")))
