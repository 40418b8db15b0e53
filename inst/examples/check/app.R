# A whole check of Face Liveness: a person looks into the camera and passes, or not. Start it with
#
#   shiny::runApp(system.file("examples/check", package = "rekognition"), launch.browser = TRUE)
#
# It runs on the emulator, which makes up the outcome. With LIVENESS_ON_AWS=true, it uses Amazon Rekognition, with the region
# and credentials of the usual AWS sources.

library(shiny)
library(rekognition)
on_aws <- isTRUE(as.logical(Sys.getenv("LIVENESS_ON_AWS", "false")))
emulator <- if (!on_aws) rekognition_emulator(check_after = Inf)
svc <- rekognition(emulator$config)

ui <- fluidPage(h1("Are you there?"), liveness_check_ui("check"), h2(textOutput("verdict")))

server <- function(input, output, session) {
  check <- liveness_check_server("check", svc)
  output$verdict <- renderText(
    if (isTRUE(req(check$result())$confidence >= 90)) "You passed." else "You did not pass."
  )
}

shinyApp(ui, server)
