# A small application with a check, and the tests of it in tests/testthat, which
# vignette("testing") explains. Start it with
#
#   shiny::runApp(system.file("examples/testing", package = "rekognition"), launch.browser = TRUE)
#
# It uses the default client: AWS, or an emulator that the environment names.

check_app(record_in(tempfile("verdicts-")))
