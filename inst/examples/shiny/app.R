# A console to review Face Liveness sessions: what the service found, the images, what a threshold would do, and what
# you think of them. Start it with
#
#   Rscript -e 'shiny::runApp("app.R", launch.browser = TRUE)'
#
# It runs on the emulator. With LIVENESS_ON_AWS=true it asks Amazon Rekognition, with region and credentials from
# where AWS tools find them. It shows faces and scores and has no log-in of its own: put it behind yours.

library(shiny)
library(rekognition)

# What goes wrong inside is not for the page.
options(shiny.sanitize.errors = TRUE)

# R waits for the service, so not for long.
limits <- list(connect_timeout = 5, operation_timeout = 20)
on_aws <- switch(
  tolower(Sys.getenv("LIVENESS_ON_AWS", "false")),
  true = TRUE,
  false = FALSE,
  stop("LIVENESS_ON_AWS must be true or false.")
)
emulator <- if (!on_aws) rekognition_emulator(check_after = Inf)
svc <- rekognition(config = c(emulator$config, limits))

# Images are kept in memory for as long as a page is open.
most_sessions <- 500

# Sessions of all kinds, for the emulator. The last id is nobody's.
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

# The results with these sessions added. Those that have ended are not asked for again: the service forgets them.
fetch <- function(results, ids) {
  ids <- unique(ids[nzchar(ids)])
  ended <- results$session_id[results$status %in% c("SUCCEEDED", "FAILED", "EXPIRED")]
  asked <- liveness_results(setdiff(ids, ended), svc, progress = FALSE)
  # What was known stays known.
  asked <- asked[!is.na(asked$status) | !asked$session_id %in% results$session_id, ]
  all <- rbind(results, asked)
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
    span(class = "where", if (on_aws) "Amazon Rekognition" else "Emulator: nobody is checked here")
  ),
  tags$main(
    div(
      class = "side",
      tags$section(
        class = "card",
        textAreaInput("ids", "Session ids", rows = 3, placeholder = "one on each line", width = "100%"),
        div(
          class = "buttons",
          actionButton("fetch", "Fetch", class = "btn-primary"),
          actionButton("refresh", "Refresh"),
          if (!on_aws) actionButton("demo", "Make demo sessions")
        )
      ),
      tags$section(
        class = "card",
        sliderInput("threshold", "Threshold", min = 0, max = 100, value = 90, step = 0.5, width = "100%"),
        uiOutput("passing", `aria-live` = "polite"),
        plotOutput("plot", height = "240px"),
        div(class = "buttons", downloadButton("report", "Download the report"))
      )
    ),
    div(
      class = "work",
      tags$section(class = "card sessions", h2("Sessions"), uiOutput("table")),
      tags$section(class = "card", uiOutput("detail"))
    )
  )
)

# The first line of what a condition says: the rest is for those who run the app.
first_line <- function(error) {
  strsplit(conditionMessage(error), "\n", fixed = TRUE)[[1]][1]
}

# Never more than it is: what reads 100.00 is 100.
shown_score <- function(confidence) {
  rounded <- round(confidence, 5)
  format(if (rounded > confidence) rounded - 1e-5 else rounded, digits = 7, nsmall = 2)
}

# Names of classes in CSS are the same in every locale: in Turkish, tolower("I") is no "i".
status_class <- function(status) {
  paste("status", chartr(paste(LETTERS, collapse = ""), paste(letters, collapse = ""), status))
}

table_row <- function(row, decision, threshold, is_selected) {
  has_score <- !is.na(row$confidence)
  # Text of the service, fit to be shown.
  text <- format(row)
  tags$tr(
    class = if (is_selected) "selected",
    tags$td(tags$button(
      type = "button",
      class = "pick",
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
      if (has_score) shown_score(row$confidence)
    ),
    tags$td(class = "number", title = "Audit images", text$n_audit_images),
    tags$td(class = "feedback", text$feedback),
    tags$td(class = "error", text$error_code)
  )
}

# The picture with the box around the face, in percent of its sides.
picture <- function(image, caption) {
  source <- as.character(image)
  if (is.na(source) || !startsWith(source, "data:image/")) {
    return(tags$figure(
      div(class = "no-picture", if (is.na(source)) "no image" else tags$bdi(source)),
      tags$figcaption(caption)
    ))
  }
  box <- unlist(image$BoundingBox[c("Left", "Top", "Width", "Height")])
  if (length(box) == 4 && max(box[3:4]) > 1.5) {
    # Boxes are ratios, and have been seen in pixels: of the upright image, as as.raster() and browsers make it.
    box <- box / dim(as.raster(image))[c(2, 1, 2, 1)]
  }
  # CSS has decimal points in every locale.
  percent <- paste0(chartr(",", ".", sprintf("%.2f", 100 * box)), "%")
  tags$figure(
    div(
      class = "picture",
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

# Whether there are live persons and attacks: a threshold can be wrong about either.
both_kinds <- function(table) {
  has_score <- !is.na(table$confidence)
  all(c(TRUE, FALSE) %in% table$live[has_score])
}

# They tell the session with the decision: another may be selected by the time that it is heard.
decision_buttons <- function(id, decision) {
  tags$fieldset(
    `data-decides` = id,
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
  # By session id: "live" or "attack".
  decisions <- reactiveVal(character())
  selected <- reactiveVal(NULL)

  ask_for <- function(ids) {
    if (length(union(ids, results()$session_id)) > most_sessions) {
      showNotification(
        paste("No more than", most_sessions, "sessions are kept: reload the page."),
        type = "error"
      )
      return()
    }
    withProgress(message = "Asking the service", value = 1, {
      tryCatch(
        results(fetch(results(), ids)),
        rekognition_error = function(e) showNotification(first_line(e), type = "error")
      )
    })
  }

  observeEvent(input$fetch, {
    ask_for(strsplit(trimws(input$ids), "[[:space:],;]+")[[1]])
    updateTextAreaInput(session, "ids", value = "")
  })
  observeEvent(input$refresh, ask_for(results()$session_id))
  observeEvent(input$demo, if (!on_aws) ask_for(make_demo_sessions()))

  # What comes from the page is one of the ids that it was given, or nothing.
  observeEvent(input$selected, {
    selected(intersect(input$selected, results()$session_id))
  })
  observeEvent(input$decision, {
    id <- intersect(input$decision$session, results()$session_id)
    made <- decisions()
    made[id] <- if (input$decision$value %in% c("live", "attack")) input$decision$value else NA
    decisions(made[!is.na(made)])
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
      if (both_kinds(table)) {
        p(
          count(passes[table$live %in% FALSE]),
          "attacks pass (solid line),",
          count(!passes[table$live %in% TRUE]),
          "live persons do not (dashed)."
        )
      }
    )
  })

  output$plot <- renderPlot(
    {
      table <- reviewed()
      validate(need(any(!is.na(table$confidence)), "There is nothing to draw yet."))
      colours <- getCurrentOutputInfo()
      ink <- colours$fg()
      par(bg = colours$bg(), fg = ink, col.axis = ink, col.lab = ink, col.main = ink, col.sub = ink)
      par(mar = c(4.6, 4.6, 0.5, 0.5), mgp = c(2.3, 0.7, 0))
      if (both_kinds(table)) {
        plot(table, "threshold", thresholds = input$threshold, label = "live")
      } else {
        plot(table, "confidence", thresholds = input$threshold)
      }
    },
    res = 72,
    alt = "What thresholds do to the confidence of these sessions."
  )

  output$table <- renderUI({
    table <- results()
    if (nrow(table) == 0) {
      return(p(
        class = "hint",
        "No sessions yet: enter ids, ",
        if (!on_aws) "or make demo sessions, ",
        "to begin."
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
      return(p(class = "hint", "Choose a session to see its images."))
    }
    row <- results()[results()$session_id == selected(), ]
    decision <- isolate(decisions()[selected()])
    pictures <- c(
      if (!is.null(row$reference_image[[1]])) list(picture(row$reference_image[[1]], "Reference image")),
      Map(picture, row$audit_images[[1]], paste("Audit image", seq_along(row$audit_images[[1]])))
    )
    feedback <- row$feedback[[1]]
    tagList(
      h2(class = "id", row$session_id),
      if (!is.na(row$error_code)) p(class = "error", first_line(row$error[[1]])),
      if (NROW(feedback) > 0) {
        # The service's words turn nothing around that comes after them.
        tags$ul(Map(
          function(code, message) tags$li(tags$bdi(tags$b(code)), " ", tags$bdi(message)),
          feedback$code,
          feedback$message
        ))
      },
      if (length(pictures) > 0) {
        div(class = "pictures", pictures)
      } else {
        p(class = "hint", "There are no images.")
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
