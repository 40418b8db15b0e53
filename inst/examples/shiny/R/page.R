# The page. What changes is filled in by the server; the form of a review stays, so that a note is not lost.

console_page <- function(store, settings) {
  fluidPage(
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
      span(class = "backend", tags$bdi(store$title)),
      div(class = "reviewer", uiOutput("reviewer"))
    ),
    p(
      class = "facts",
      tags$bdi(describe_decision(settings$decision, settings$reason)),
      if (!store$is_stored) {
        " \u00b7 Reviews last as long as this page: set LIVENESS_DIR or LIVENESS_DATABASE to keep them."
      }
    ),
    uiOutput("problem"),
    tags$main(
      div(
        class = "list",
        if (!store$is_stored) fetch_card(has_demo = !is.null(store$make_demo)),
        sessions_card(has_decisions = !is.null(settings$decision) || store$has_verdicts)
      ),
      tags$section(
        class = "card detail",
        `aria-label` = "Selected session",
        uiOutput("summary"),
        review_form(),
        uiOutput("history"),
        uiOutput("images"),
        uiOutput("facts")
      ),
      explore_card(settings$decision)
    ),
    tags$footer(
      tags$label(
        tags$input(type = "checkbox", id = "keys", checked = NA),
        " Keyboard shortcuts: J next, K previous, L live, A attack, U undecided, N note, Esc leaves a field"
      ),
      textOutput("foot", container = p)
    )
  )
}

fetch_card <- function(has_demo) {
  tags$section(
    class = "card",
    textAreaInput("ids", "Session IDs", rows = 2, placeholder = "one per line", width = "100%"),
    div(
      class = "buttons",
      actionButton("fetch", "Fetch", class = "btn-primary"),
      actionButton("refresh", "Refresh"),
      if (has_demo) actionButton("demo", "Create demo sessions")
    )
  )
}

sessions_card <- function(has_decisions) {
  choose <- function(id, label, choices) selectInput(id, label, choices, selectize = FALSE, width = "100%")
  tags$section(
    class = "card sessions",
    `aria-labelledby` = "sessions-title",
    h2(id = "sessions-title", "Sessions"),
    div(
      class = "filters",
      role = "search",
      choose("review_filter", "Review", review_filters),
      if (has_decisions) choose("decision_filter", "Decision", decision_filters),
      choose("order", "Order", orders),
      textInput("search", "Find", placeholder = "session or user", width = "100%")
    ),
    div(
      class = "scroll",
      tabindex = "0",
      role = "region",
      `aria-labelledby` = "sessions-title",
      uiOutput("table")
    ),
    uiOutput("pager")
  )
}

explore_card <- function(decision) {
  tags$section(
    class = "card explore",
    `aria-labelledby` = "explore-title",
    h2(id = "explore-title", "Explore a threshold"),
    sliderInput(
      "threshold",
      "Threshold",
      min = 0,
      max = 100,
      value = if (is.null(decision)) 90 else decision[["pass"]],
      step = 0.5,
      width = "100%"
    ),
    uiOutput("passing", `aria-live` = "polite"),
    plotOutput("plot", height = "240px"),
    div(class = "buttons", downloadButton("report", "Download report"))
  )
}

# console.js enables the buttons for the session that is shown.
review_form <- function() {
  button <- function(value, label, key) {
    tags$button(
      type = "button",
      class = "btn",
      `data-label` = value,
      `aria-pressed` = "false",
      `aria-keyshortcuts` = key,
      disabled = NA,
      label,
      tags$kbd(`aria-hidden` = "true", key)
    )
  }
  tags$form(
    id = "review",
    hidden = NA,
    `aria-label` = "Your review",
    div(
      class = "buttons",
      role = "group",
      `aria-label` = "Your decision",
      button("live", "Live", "L"),
      button("attack", "Attack", "A"),
      button("", "Undecided", "U"),
      tags$output(id = "saved", role = "status")
    ),
    tags$label(`for` = "note", "Note", tags$kbd(`aria-hidden` = "true", "N")),
    tags$textarea(
      id = "note",
      class = "form-control",
      rows = "2",
      maxlength = max_note_chars,
      `aria-keyshortcuts` = "N"
    ),
    p(
      class = "hint",
      id = "no-reviewer",
      hidden = NA,
      "Without your name at the top of the page, you cannot review."
    )
  )
}
