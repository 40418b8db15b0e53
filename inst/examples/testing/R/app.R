# The app. It uses the default client, so environment variables decide which service it
# uses.
check_app <- function(record, start = "button", start_screen = TRUE) {
  ui <- shiny::fluidPage(
    rekognition::liveness_check_ui("check", start_screen = start_screen),
    shiny::textOutput(shiny::NS("verdict", "verdict"))
  )
  server <- function(input, output, session) {
    check <- rekognition::liveness_check_server("check", start = start)
    verdict_server("verdict", check, record)
  }
  shiny::shinyApp(ui, server)
}

# In your application, use a database.
record_in <- function(file) {
  function(session_id, passed) write(paste(session_id, passed), file, append = TRUE)
}
