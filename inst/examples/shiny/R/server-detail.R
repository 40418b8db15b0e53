# The selected session and its review.

detail_server <- function(
  input,
  output,
  session,
  source,
  table,
  listed,
  reviews,
  reviewer,
  changed,
  has_decisions
) {
  selected <- listed$selected
  # Reactive values: an equal value redraws nothing.
  row <- reactiveVal(NULL)
  observe(row(table()[table()$session_id %in% selected(), ]))
  images <- reactiveVal(NULL)
  observe({
    req(nrow(row()) == 1)
    images(tryCatch(source$images(row()), error = function(e) {
      message("console: ", first_line(e))
      list(NULL, NULL)
    }))
  })

  output$summary <- renderUI({
    if (NROW(row()) == 0) {
      return(p(class = "hint", "Select a session to see its images."))
    }
    session_summary(row(), match(selected(), listed$ids()), length(listed$ids()), has_decisions)
  })
  output$images <- renderUI({
    req(images())
    session_images(images())
  })
  output$history <- renderUI({
    req(NROW(row()) == 1)
    session_history(reviews()[reviews()$session_id == selected(), ])
  })
  output$facts <- renderUI(session_facts(req(row())))

  # The newest review of the selected session by this reviewer.
  mine <- function(id) {
    own <- reviews()$session_id %in% id & reviews()$reviewer %in% reviewer()
    utils::tail(reviews()[own, ], 1)
  }
  # Sent when the session is shown, which allows the page to send a review of it. Also if there is no session to move to.
  observe(priority = -10, {
    input$move
    input$selected
    state <- list(session = selected(), can_review = !is.na(reviewer()))
    own <- mine(selected())
    if (nrow(own) == 1) {
      state$label <- if (is.na(own$label)) "" else own$label
      state$note <- own$note
    }
    session$onFlushed(function() session$sendCustomMessage("review", state))
  })

  observeEvent(input$review, {
    id <- intersect(input$review$session, table()$session_id)
    if (length(id) != 1 || is.na(reviewer())) {
      return()
    }
    label <- if (input$review$label %in% c("live", "attack")) input$review$label else NA_character_
    note <- clean_note(input$review$note)
    own <- mine(id)
    is_new <- nrow(own) == 0 || !identical(c(label, note), c(own$label, own$note))
    saved <- tryCatch(
      {
        if (is_new) {
          source$add_review(id, reviewer(), label, note)
        }
        TRUE
      },
      error = function(e) {
        message("console: ", first_line(e))
        FALSE
      }
    )
    if (!saved) {
      showNotification("The review was not saved. Try again.", type = "error", duration = NULL)
    }
    session$sendCustomMessage("saved", list(session = id, saved = saved, at = format_time(Sys.time())))
    changed()
  })
}
