# The rule, the same for the app and the API.
passes <- function(result, threshold = 90) {
  isTRUE(result$status == "SUCCEEDED" && result$confidence >= threshold)
}

# A Shiny module that shows the verdict of a check and records it. `check` is what
# liveness_check_server() returns, or in a test anything with a `result()` and an
# `error()`. `record` stores a verdict.
verdict_server <- function(id, check, record) {
  shiny::moduleServer(id, function(input, output, session) {
    shiny::observeEvent(check$result(), {
      record(check$result()$session_id, passes(check$result()))
    })
    output$verdict <- shiny::renderText({
      if (!is.null(check$error())) {
        return("The check did not work. Please try again.")
      }
      result <- shiny::req(check$result())
      if (passes(result)) "You passed." else "You did not pass."
    })
  })
}
