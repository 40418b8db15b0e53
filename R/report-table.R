# The table of a report, with a row for each session, and its filters.

# The titles of the columns of results in a report.
report_column_titles <- c(
  session_id = "Session",
  decision = "Decision",
  status = "Status",
  confidence = "Confidence",
  images = "Images",
  feedback = "Feedback",
  error = "Error",
  challenge = "Challenge",
  sdk_type = "Client",
  region = "Region",
  retrieved_at = "Retrieved at (UTC)",
  request_id = "Request ID",
  attempts = "Attempts"
)

# The columns of the table, in order. Empty ones are omitted, as in print().
report_columns <- function(report) {
  x <- report$results
  column <- function(name, html, ...) new_report_column(report_column_titles[[name]], html, ...)
  text <- function(name, ...) column(name, escape_html(column_texts(x[[name]], nrow(x))), ...)
  scores <- x[["confidence"]]
  decisions <- report$decisions
  own <- setdiff(names(x), c(names(result_columns), "region"))
  columns <- c(
    list(
      text("session_id", class = "id", searchable = TRUE, always_shown = TRUE),
      if (!is.null(decisions)) {
        column(
          "decision",
          decision_badges(decisions),
          class = "decision",
          numbers = as.integer(decisions),
          always_shown = TRUE
        )
      },
      column("status", outcome_cells(x), class = "status", always_shown = TRUE),
      column(
        "confidence",
        text_or_empty(if (!is.null(scores)) format_score(scores), nrow(x)),
        class = "number",
        numbers = scores
      ),
      column("images", count_images(x), class = "images", numbers = count_images(x)),
      column("feedback", feedback_cells(x), class = "prose", searchable = TRUE),
      column("error", escape_html(error_texts(x)), class = "prose", searchable = TRUE)
    ),
    lapply(own, function(name) {
      numbers <- if (is.numeric(x[[name]]) && is.null(dim(x[[name]]))) as.double(x[[name]])
      class <- if (is.null(numbers)) "user" else "number"
      html <- escape_html(column_texts(x[[name]], nrow(x)))
      new_report_column(escape_html(name), html, class = class, numbers = numbers, searchable = TRUE)
    }),
    list(
      column("challenge", escape_html(challenge_texts(x)), class = "challenge"),
      text("sdk_type"),
      # The same region for all is stated once, above.
      if (length(unique(x[["region"]])) > 1) text("region"),
      column("retrieved_at", time_cells(x[["retrieved_at"]], nrow(x)), class = "time"),
      text("request_id", class = "id"),
      text("attempts", class = "number", numbers = x[["attempts"]])
    )
  )
  columns <- Filter(Negate(is.null), columns)
  columns <- Filter(function(column) column$always_shown || !all(column$html %in% c("", "0")), columns)
  # Cells of text are made for all rows at once, cells of images row by row to save memory.
  lapply(columns, function(column) {
    column$cells <- paste0(open_cell(column, seq_along(column$html)), column$html, "</td>", recycle0 = TRUE)
    column
  })
}

# `numbers`: the column is sorted by them, not by its text.
new_report_column <- function(
  title,
  html,
  class = "text",
  numbers = NULL,
  searchable = FALSE,
  always_shown = FALSE
) {
  list(
    title = title,
    html = html,
    class = class,
    numbers = if (is.numeric(numbers)) as.double(numbers),
    searchable = searchable,
    always_shown = always_shown
  )
}

report_controls <- function(report) {
  x <- report$results
  rates <- report$rates
  outcomes <- escape_html(names(sorted_counts(report_outcome(x))))
  field <- function(label, control) tag("label", tag("span", label), control)
  select <- function(id, all, values, labels) {
    options <- inline(tag("option", value = "", all), tag("option", value = values, labels))
    tag("select", id = id, options)
  }
  number <- function(id, label) {
    tag(
      "input",
      type = "number",
      id = id,
      `aria-label` = label,
      min = "0",
      max = "100",
      step = "any",
      inputmode = "decimal"
    )
  }
  c(
    "</div>",
    r"(<section aria-labelledby="sessions-title">)",
    r"(<h2 id="sessions-title">Sessions</h2>)",
    # Filters need JavaScript, which shows them.
    r"(<div class="controls" role="search" hidden>)",
    field("Search", r"(<input type="search" id="search" autocomplete="off" spellcheck="false">)"),
    if (!is.null(report$decision)) {
      kinds <- decision_title(c(levels(report$decisions), if (anyNA(report$decisions)) NA))
      field("Decision", select("decision", "all", kinds, kinds))
    },
    field("Status", select("status", "all", outcomes, outcomes)),
    if (!is.null(x[["confidence"]])) {
      c(
        field("Confidence from", number("min-confidence", "Confidence from")),
        field("to", number("max-confidence", "Confidence to"))
      )
    },
    if (NROW(rates) > 0) {
      values <- format_number(rates$threshold, "%.17g")
      field("Threshold", select("threshold", "any", values, paste("below", rates$threshold)))
    },
    r"(<button type="button" id="clear">Clear filters</button>)",
    "</div>",
    tag("p", id = "count", class = "muted", role = "status", pluralize(nrow(x), "session"))
  )
}

report_table_head <- function(columns) {
  headers <- vapply(
    columns,
    function(column) {
      tag(
        "th",
        scope = "col",
        class = column$class,
        `aria-sort` = "none",
        `data-numbers` = if (!is.null(column$numbers)) TRUE,
        `data-searchable` = if (column$searchable) TRUE,
        tag("button", type = "button", column$title)
      )
    },
    ""
  )
  c(
    r"(<div class="scroll" tabindex="0" role="region" aria-labelledby="sessions-title">)",
    r"(<table id="sessions" aria-labelledby="sessions-title">)",
    "<thead><tr>",
    headers,
    "</tr></thead>",
    "<tbody>"
  )
}

report_row <- function(report, i, columns) {
  x <- report$results
  cells <- vapply(
    columns,
    function(column) {
      if (column$class == "images") {
        inline(open_cell(column, i), image_cell(x, i), "</td>")
      } else {
        column$cells[i]
      }
    },
    ""
  )
  open <- open_tag(
    "tr",
    `data-decision` = if (!is.null(report$decision)) decision_title(report$decisions[i]),
    `data-status` = escape_html(report_outcome(x[i, ])),
    `data-confidence` = exact_number(x[["confidence"]][i])
  )
  c(open, cells, "</tr>")
}

open_cell <- function(column, rows) {
  open_tag(
    "td",
    class = column$class,
    `data-label` = column$title,
    `data-number` = exact_number(column$numbers[rows])
  )
}

# With full precision, because filters compare it with thresholds.
exact_number <- function(x) {
  if (is.null(x)) NULL else ifelse(is.na(x), NA, format_number(x, "%.17g"))
}

report_table_end <- function() {
  c("</tbody>", "</table>", "</div>", r"(<p id="no-match" hidden>No sessions match the filters.</p>)")
}
