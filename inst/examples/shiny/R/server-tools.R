# The effect of a threshold, fetching, and the report.

explore_server <- function(input, output, table, decision) {
  # The column that a reviewer adds: TRUE for a live person, FALSE for an attack.
  reviewed <- reactive({
    results <- table()
    results$live <- results$label == "live"
    results
  })
  output$passing <- renderUI({
    passes <- table()$confidence >= input$threshold
    count <- function(which) paste(sum(which, na.rm = TRUE), "of", sum(!is.na(which)))
    tagList(
      p(tags$strong(count(passes)), "sessions with a confidence pass at", paste0(input$threshold, ".")),
      if (has_both_labels(table())) {
        p(paste(
          "Attacks that pass:",
          count(passes[table()$label %in% "attack"]),
          "(solid line). Live people who do not:",
          count(!passes[table()$label %in% "live"]),
          "(dashed line)."
        ))
      }
    )
  })
  output$plot <- renderPlot(
    {
      validate(need(any(!is.na(table()$confidence)), "No confidence values to plot yet."))
      theme <- getCurrentOutputInfo()
      fg <- theme$fg()
      par(bg = theme$bg(), fg = fg, col.axis = fg, col.lab = fg, col.main = fg, col.sub = fg)
      par(mar = c(4.6, 4.6, 0.5, 0.5), mgp = c(2.3, 0.7, 0))
      # A line of the decision has its name already.
      thresholds <- setdiff(input$threshold, decision)
      if (has_both_labels(table())) {
        plot(reviewed(), "threshold", thresholds = thresholds, label = "live", decision = decision)
      } else {
        plot(reviewed(), "confidence", thresholds = thresholds, decision = decision)
      }
    },
    res = 72,
    alt = "Confidence of the sessions, and the share that passes the threshold."
  )
}

fetch_server <- function(input, session, source, sessions, changed, make_demo) {
  fetch_sessions <- function(ids) {
    withProgress(message = "Fetching results", value = 1, {
      tryCatch(
        source$fetch(ids),
        error = function(e) showNotification(first_line(e), type = "error")
      )
    })
    changed()
  }
  observeEvent(input$fetch, {
    fetch_sessions(strsplit(trimws(input$ids), "[[:space:],;]+")[[1]])
    updateTextAreaInput(session, "ids", value = "")
  })
  observeEvent(input$refresh, fetch_sessions(sessions()$session_id))
  observeEvent(input$demo, if (!is.null(make_demo)) fetch_sessions(make_demo()))
}

report_download <- function(source, table, listed, reviews, reviewer, settings) {
  downloadHandler(
    "liveness-report.html",
    function(file) {
      rows <- table()[match(listed$ids(), table()$session_id), ]
      results <- report_results(source$with_images(rows), reviews())
      # The filters are in the title, so that a part does not pass for the whole.
      title <- c(
        paste("Face Liveness review:", source$title),
        describe_filters(listed$filters()),
        if (isTRUE(nrow(rows) > source$max_report_images)) {
          sprintf("images of the first %d sessions", source$max_report_images)
        }
      )
      liveness_report(
        results,
        file,
        title = paste(title, collapse = ", "),
        label = if (any(!is.na(results$Live))) "Live",
        decision = settings$decision,
        reason = if (!is.null(settings$decision)) settings$reason,
        author = if (!is.na(reviewer())) reviewer()
      )
    },
    "text/html"
  )
}
