# The server of the page.

console_server <- function(input, output, session, store, settings) {
  source <- store$new()
  has_decisions <- !is.null(settings$decision)
  # Increased when this page has changed something, so that it is read at once.
  changes <- reactiveVal(0)
  changed <- function() changes(isolate(changes()) + 1)
  problems <- reactiveValues(sessions = FALSE, reviews = FALSE)

  read_at <- reactiveVal()
  # What a source has, read again after these seconds. Equal values change nothing.
  watch <- function(name, seconds) {
    value <- reactiveVal(NULL)
    observe(priority = 10, {
      changes()
      invalidateLater(1000 * seconds)
      problems[[name]] <- tryCatch(
        {
          value(source[[name]]())
          read_at(Sys.time())
          FALSE
        },
        error = function(e) {
          message("console: ", first_line(e))
          TRUE
        }
      )
    })
    value
  }
  sessions <- watch("sessions", 10)
  reviews <- watch("reviews", 2)
  table <- reactive(with_reviews(req(sessions()), req(reviews()), settings$decision))

  signed_in <- signed_in_reviewer(session, settings$user_header)
  reviewer <- reactive(if (is.null(signed_in)) valid_reviewer(input$reviewer_name) else signed_in)
  output$reviewer <- renderUI(reviewer_box(signed_in))
  output$problem <- renderUI({
    if (problems$sessions || problems$reviews) {
      p(class = "problem", role = "alert", "The stored sessions cannot be read right now. Trying again.")
    }
  })
  output$foot <- renderText({
    about <- c(
      describe_package(),
      describe_regions(sessions()),
      source$title,
      if (!is.na(reviewer())) paste("Reviewer", reviewer()),
      paste("As of", format_time(read_at()))
    )
    paste(about, collapse = " \u00b7 ")
  })

  listed <- list_server(input, output, session, table, has_decisions)
  detail_server(input, output, session, source, table, listed, reviews, reviewer, changed, has_decisions)
  explore_server(input, output, table, settings$decision)
  if (!is.null(source$fetch)) {
    fetch_server(input, session, source, sessions, changed, store$make_demo)
  }
  output$report <- report_download(source, table, listed, reviews, reviewer, settings)
}

reviewer_box <- function(signed_in) {
  if (is.null(signed_in)) {
    textInput("reviewer_name", "Reviewer", placeholder = "your name", width = "180px")
  } else if (is.na(signed_in)) {
    span(class = "error", "Not signed in")
  } else {
    span("Reviewer ", tags$bdi(tags$strong(signed_in)))
  }
}

# Filters, order and pages of the table. Returns reactive values: `ids`, the sessions that are listed,
# `selected`, and `filters`.
list_server <- function(input, output, session, table, has_decisions) {
  ids <- reactiveVal(character())
  selected <- reactiveVal(NULL)
  # The selected session stays listed when its review has made it leave the filter, so that "next" continues after it.
  kept <- reactiveVal(NULL)
  page <- reactiveVal(1)
  search <- debounce(reactive(trimws(input$search)), 300)
  filters <- reactive(list(
    review = input$review_filter,
    decision = if (is.null(input$decision_filter)) "all" else input$decision_filter,
    search = search()
  ))
  observeEvent(filters(), priority = 5, {
    kept(NULL)
    page(1)
  })
  observe(priority = 4, {
    all <- table()
    keep <- do.call(matches_filters, c(list(all), filters())) | all$session_id %in% kept()
    ids(in_order(all[keep, ], input$order)$session_id)
    page(min(isolate(page()), n_pages(ids())))
  })

  select <- function(id) {
    selected(id)
    kept(id)
    page(page_of(id, ids()))
  }
  # Only IDs that the page was given.
  observeEvent(input$selected, if (input$selected %in% ids()) select(input$selected))
  observeEvent(input$move, {
    # Without a selected session, to the first.
    place <- c(match(selected(), ids(), nomatch = 0), 0)[1] + if (identical(input$move, -1L)) -1 else 1
    if (place %in% seq_along(ids())) select(ids()[place])
  })
  observeEvent(input$page, if (input$page %in% seq_len(n_pages(ids()))) page(input$page))

  rows <- reactiveVal()
  observe(priority = 3, rows(table()[match(ids_on_page(ids(), page()), table()$session_id), ]))
  output$table <- renderUI({
    req(rows())
    if (nrow(table()) == 0) {
      return(p(class = "hint", "No sessions yet."))
    }
    sessions_table(rows(), isolate(selected()), has_decisions)
  })
  output$pager <- renderUI(pager(page(), ids(), nrow(table()), attr(table(), "n_stored")))
  list(ids = ids, selected = selected, filters = filters)
}
