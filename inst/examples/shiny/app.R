# A console to review Face Liveness sessions: their results and images, the effect of a threshold, and your decisions.
# Start it with
#
#   Rscript -e 'shiny::runApp("app.R", launch.browser = TRUE)'
#
# It runs on the emulator. With LIVENESS_ON_AWS=true, it uses Amazon Rekognition, with the region and credentials of the
# usual AWS sources. It shows faces and scores but has no login: put it behind yours.

library(shiny)
library(rekognition)

# Do not show internal errors in the page.
options(shiny.sanitize.errors = TRUE)

# Short limits, because R waits for the service.
limits <- list(connect_timeout = 5, operation_timeout = 20)
on_aws <- switch(
  tolower(Sys.getenv("LIVENESS_ON_AWS", "false")),
  true = TRUE,
  false = FALSE,
  stop("LIVENESS_ON_AWS must be true or false.")
)
emulator <- if (!on_aws) rekognition_emulator(check_after = Inf)
svc <- rekognition(config = c(emulator$config, limits))

# Images stay in memory as long as the page is open.
max_sessions <- 500

# Sessions with all kinds of results, for the emulator. The last one does not exist.
make_demo_sessions <- function() {
  outcomes <- list(
    list(confidence = 99.31),
    list(confidence = 97.02),
    list(confidence = 93.58),
    list(confidence = 86.4, feedback = "LOW_LIGHTING_DETECTED"),
    list(confidence = 61.75),
    list(confidence = 12.06, feedback = c("FACE_NOT_ALIGNED", "EYES_CLOSED_DETECTED")),
    list(status = "FAILED"),
    list(status = "EXPIRED"),
    list(status = "IN_PROGRESS")
  )
  ids <- vapply(
    outcomes,
    function(outcome) {
      id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))$SessionId
      do.call(emulator$check, c(id, outcome))
      id
    },
    ""
  )
  c(ids, "00000000-0000-4000-8000-000000000000")
}

# The results with these sessions added. Sessions that have ended are not fetched again: the service deletes them.
fetch <- function(results, ids) {
  ids <- unique(ids[nzchar(ids)])
  ended <- results$session_id[results$status %in% c("SUCCEEDED", "FAILED", "EXPIRED")]
  new <- liveness_results(setdiff(ids, ended), svc, progress = FALSE)
  # An error does not replace an earlier result.
  new <- new[!is.na(new$status) | !new$session_id %in% results$session_id, ]
  all <- rbind(results, new)
  all <- all[!duplicated(all$session_id, fromLast = TRUE), ]
  all[order(match(all$session_id, c(results$session_id, ids))), ]
}

ui <- fluidPage(
  title = "Face Liveness review",
  lang = "en",
  tags$head(
    tags$meta(name = "color-scheme", content = "light dark"),
    tags$link(rel = "icon", href = "data:,"),
    tags$link(rel = "stylesheet", href = "console.css"),
    tags$script(src = "console.js")
  ),
  tags$header(
    h1("Face Liveness review"),
    span(class = "backend", if (on_aws) "Amazon Rekognition" else "Emulator: checks are simulated")
  ),
  tags$main(
    div(
      class = "side",
      tags$section(
        class = "card",
        textAreaInput("ids", "Session IDs", rows = 3, placeholder = "one per line", width = "100%"),
        div(
          class = "buttons",
          actionButton("fetch", "Fetch", class = "btn-primary"),
          actionButton("refresh", "Refresh"),
          if (!on_aws) actionButton("demo", "Create demo sessions")
        )
      ),
      tags$section(
        class = "card",
        sliderInput("threshold", "Threshold", min = 0, max = 100, value = 90, step = 0.5, width = "100%"),
        uiOutput("passing", `aria-live` = "polite"),
        plotOutput("plot", height = "240px"),
        div(class = "buttons", downloadButton("report", "Download report"))
      )
    ),
    div(
      class = "work",
      tags$section(class = "card sessions", h2("Sessions"), uiOutput("table")),
      tags$section(class = "card", uiOutput("detail"))
    )
  )
)

# The first line of a condition's message. The hints after it are for the developer.
first_line <- function(error) {
  strsplit(conditionMessage(error), "\n", fixed = TRUE)[[1]][1]
}

# Never rounded up: only 100 reads as 100.00.
format_score <- function(confidence) {
  rounded <- round(confidence, 5)
  format(if (rounded > confidence) rounded - 1e-5 else rounded, digits = 7, nsmall = 2)
}

# A CSS class in any locale: in Turkish, tolower("I") is not "i".
status_class <- function(status) {
  paste("status", chartr(paste(LETTERS, collapse = ""), paste(letters, collapse = ""), status))
}

table_row <- function(row, decision, threshold, is_selected) {
  has_score <- !is.na(row$confidence)
  # Text from the service, made safe to show.
  text <- format(row)
  tags$tr(
    class = if (is_selected) "selected",
    tags$td(tags$button(
      type = "button",
      class = "session-link",
      `data-session` = row$session_id,
      `aria-pressed` = if (is_selected) "true" else "false",
      title = text$session_id,
      text$session_id
    )),
    tags$td(class = "decision", decision),
    tags$td(if (!is.na(row$status)) span(class = status_class(text$status), text$status)),
    tags$td(
      class = paste(
        "number",
        if (has_score) {
          if (row$confidence >= threshold) "passes" else "fails"
        }
      ),
      if (has_score) format_score(row$confidence)
    ),
    tags$td(class = "number", title = "Audit images", text$n_audit_images),
    tags$td(class = "feedback", text$feedback),
    tags$td(class = "error", text$error_code)
  )
}

# The image with the face box, whose sides are in percent of the image.
image_figure <- function(image, caption) {
  source <- as.character(image)
  if (is.na(source) || !startsWith(source, "data:image/")) {
    return(tags$figure(
      div(class = "no-image", if (is.na(source)) "no image" else tags$bdi(source)),
      tags$figcaption(caption)
    ))
  }
  box <- unlist(image$BoundingBox[c("Left", "Top", "Width", "Height")])
  if (length(box) == 4 && max(box[3:4]) > 1.5) {
    # Boxes are ratios, but have been seen in pixels: of the upright image, as as.raster() and browsers make it.
    box <- box / dim(as.raster(image))[c(2, 1, 2, 1)]
  }
  # CSS needs decimal points in any locale.
  percent <- paste0(chartr(",", ".", sprintf("%.2f", 100 * box)), "%")
  tags$figure(
    div(
      class = "image",
      tags$img(src = source, alt = caption),
      if (length(box) == 4) {
        div(
          class = "face-box",
          style = paste0(c("left:", "top:", "width:", "height:"), percent, collapse = ";")
        )
      }
    ),
    tags$figcaption(caption)
  )
}

# Whether both live people and attacks were reviewed, so that both error rates can be shown.
has_both_labels <- function(table) {
  has_score <- !is.na(table$confidence)
  all(c(TRUE, FALSE) %in% table$live[has_score])
}

# The buttons send the session with the decision, because another session may be selected when it arrives.
decision_buttons <- function(id, decision) {
  tags$fieldset(
    `data-session` = id,
    tags$legend("Your decision"),
    lapply(c("undecided", "live", "attack"), function(value) {
      tags$label(
        tags$input(
          type = "radio",
          name = "decision",
          value = value,
          checked = if (value == decision) NA
        ),
        value
      )
    })
  )
}

server <- function(input, output, session) {
  results <- reactiveVal(liveness_results(character(), svc))
  # "live" or "attack", by session ID.
  decisions <- reactiveVal(character())
  selected <- reactiveVal(NULL)

  fetch_sessions <- function(ids) {
    if (length(union(ids, results()$session_id)) > max_sessions) {
      showNotification(
        paste0("This page is limited to ", max_sessions, " sessions. Reload it to start over."),
        type = "error"
      )
      return()
    }
    withProgress(message = "Fetching results", value = 1, {
      tryCatch(
        results(fetch(results(), ids)),
        rekognition_error = function(e) showNotification(first_line(e), type = "error")
      )
    })
  }

  observeEvent(input$fetch, {
    fetch_sessions(strsplit(trimws(input$ids), "[[:space:],;]+")[[1]])
    updateTextAreaInput(session, "ids", value = "")
  })
  observeEvent(input$refresh, fetch_sessions(results()$session_id))
  observeEvent(input$demo, if (!on_aws) fetch_sessions(make_demo_sessions()))

  # Only accept IDs that the page was given.
  observeEvent(input$selected, {
    selected(intersect(input$selected, results()$session_id))
  })
  observeEvent(input$decision, {
    id <- intersect(input$decision$session, results()$session_id)
    all <- decisions()
    all[id] <- if (input$decision$value %in% c("live", "attack")) input$decision$value else NA
    decisions(all[!is.na(all)])
  })

  # The column that a reviewer adds: TRUE for a live person, FALSE for an attack.
  reviewed <- reactive({
    table <- results()
    decision <- unname(decisions()[table$session_id])
    table$live <- decision == "live"
    table
  })

  output$passing <- renderUI({
    table <- reviewed()
    passes <- table$confidence >= input$threshold
    count <- function(which) paste(sum(which, na.rm = TRUE), "of", sum(!is.na(which)))
    tagList(
      p(tags$strong(count(passes)), "sessions with a confidence pass at", paste0(input$threshold, ".")),
      if (has_both_labels(table)) {
        p(paste(
          "Attacks that pass:",
          count(passes[table$live %in% FALSE]),
          "(solid line). Live people who do not:",
          count(!passes[table$live %in% TRUE]),
          "(dashed line)."
        ))
      }
    )
  })

  output$plot <- renderPlot(
    {
      table <- reviewed()
      validate(need(any(!is.na(table$confidence)), "No confidence values to plot yet."))
      theme <- getCurrentOutputInfo()
      fg <- theme$fg()
      par(bg = theme$bg(), fg = fg, col.axis = fg, col.lab = fg, col.main = fg, col.sub = fg)
      par(mar = c(4.6, 4.6, 0.5, 0.5), mgp = c(2.3, 0.7, 0))
      if (has_both_labels(table)) {
        plot(table, "threshold", thresholds = input$threshold, label = "live")
      } else {
        plot(table, "confidence", thresholds = input$threshold)
      }
    },
    res = 72,
    alt = "Confidence of the sessions, and the share that passes the threshold."
  )

  output$table <- renderUI({
    table <- results()
    if (nrow(table) == 0) {
      return(p(
        class = "hint",
        "No sessions yet. Enter session IDs",
        if (!on_aws) " or create demo sessions",
        " to begin."
      ))
    }
    decision <- decisions()[table$session_id]
    decision[is.na(decision)] <- ""
    rows <- lapply(seq_len(nrow(table)), function(i) {
      table_row(table[i, ], decision[[i]], input$threshold, identical(table$session_id[i], selected()))
    })
    heads <- c("Session", "Decision", "Status", "Confidence", "Images", "Feedback", "Error")
    div(
      class = "scroll",
      tags$table(tags$thead(tags$tr(lapply(heads, tags$th, scope = "col"))), tags$tbody(rows))
    )
  })

  output$detail <- renderUI({
    if (length(selected()) == 0) {
      return(p(class = "hint", "Select a session to see its images."))
    }
    row <- results()[results()$session_id == selected(), ]
    decision <- isolate(decisions()[selected()])
    figures <- c(
      if (!is.null(row$reference_image[[1]])) list(image_figure(row$reference_image[[1]], "Reference image")),
      Map(image_figure, row$audit_images[[1]], paste("Audit image", seq_along(row$audit_images[[1]])))
    )
    feedback <- row$feedback[[1]]
    tagList(
      h2(class = "id", row$session_id),
      if (!is.na(row$error_code)) p(class = "error", first_line(row$error[[1]])),
      if (NROW(feedback) > 0) {
        # tags$bdi(): text from the service must not change the direction of the text after it.
        tags$ul(Map(
          function(code, message) tags$li(tags$bdi(tags$b(code)), " ", tags$bdi(message)),
          feedback$code,
          feedback$message
        ))
      },
      if (length(figures) > 0) {
        div(class = "images", figures)
      } else {
        p(class = "hint", "No images.")
      },
      decision_buttons(row$session_id, if (is.na(decision)) "undecided" else decision)
    )
  })

  output$report <- downloadHandler(
    "liveness-report.html",
    function(file) {
      rekognition::liveness_report(
        reviewed(),
        file,
        thresholds = input$threshold,
        title = "Face Liveness review",
        label = if (any(!is.na(reviewed()$live))) "live"
      )
    },
    "text/html"
  )
}

shinyApp(ui, server)
