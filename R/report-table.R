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
  region = "Region",
  retrieved_at = "Retrieved (UTC)"
)

# The widths in rem that they need on a screen: together, with two narrow columns of the user's, they fit into 1,280
# pixels. With more, the table is scrolled.
report_column_widths <- c(
  session_id = 6.5,
  decision = 4.3,
  status = 7.1,
  confidence = 5,
  images = 8.75,
  feedback = 5.75,
  error = 6.5,
  challenge = 5.75,
  region = 4,
  retrieved_at = 6.5
)
report_column_gap <- 0.5

# A column of the user's: numbers and dates are not broken, and text has up to four lines unless it is very long.
user_column_width <- function(name, text, is_whole) {
  longest <- function(parts) max(0, nchar(parts, "width"))
  words <- function(text) unlist(strsplit(text, "[[:space:]]+"))
  needed <- if (is_whole) longest(text) else max(min(10, longest(words(text))), min(28, longest(text) / 4))
  # A character has about half a rem, in a header a little more.
  max(2.5, 0.5 * needed, min(7, 0.56 * longest(words(clean_text(name)))))
}

# The columns of the table, in order. Empty ones are omitted, as in print().
report_columns <- function(report) {
  x <- report$results
  column <- function(name, html, ...) {
    new_report_column(report_column_titles[[name]], html, width = report_column_widths[[name]], ...)
  }
  scores <- x[["confidence"]]
  decisions <- report$decisions
  time <- x[["retrieved_at"]]
  columns <- c(
    list(
      column(
        "session_id",
        escape_html(column_texts(x[["session_id"]], nrow(x))),
        class = "id",
        always_shown = TRUE
      ),
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
      column("feedback", feedback_cells(x), class = "prose"),
      column("error", escape_html(error_texts(x)), class = "prose")
    ),
    user_columns(x),
    list(
      column("challenge", challenge_cells(x), class = "text"),
      # The same region for all is stated once, above.
      if (length(unique(x[["region"]])) > 1) {
        column("region", escape_html(column_texts(x[["region"]], nrow(x))), class = "text")
      },
      column(
        "retrieved_at",
        retrieval_cells(x),
        class = "text",
        numbers = if (inherits(time, "POSIXt")) as.double(as.POSIXct(time))
      )
    )
  )
  columns <- Filter(Negate(is.null), columns)
  columns <- Filter(
    function(column) column$always_shown || !all(column$html %in% c("", if (column$class == "images") "0")),
    columns
  )
  # Cells of text are made for all rows at once, cells of images row by row to save memory.
  lapply(columns, function(column) {
    column$cells <- paste0(open_cell(column, seq_along(column$html)), column$html, "</td>", recycle0 = TRUE)
    column
  })
}

user_columns <- function(x) {
  lapply(setdiff(names(x), names(result_columns)), function(name) {
    column <- x[[name]]
    if (inherits(column, "POSIXt")) {
      return(new_report_column(
        paste(escape_html(name), "(UTC)"),
        time_cells(column),
        width = user_column_width(name, "2026-01-31", is_whole = TRUE),
        class = "user",
        numbers = as.double(as.POSIXct(column))
      ))
    }
    numbers <- if (is.numeric(column) && is.null(dim(column))) as.double(column)
    text <- column_texts(column, nrow(x))
    is_date <- inherits(column, "Date")
    # Independent of options, as all attributes.
    is_plain_number <- !is.null(numbers) && !is.object(column)
    measured <- if (is_plain_number) format_number(numbers, "%.7g") else clean_lines(text)
    new_report_column(
      escape_html(name),
      escape_html(text),
      width = user_column_width(name, measured, !is.null(numbers) || is_date),
      class = if (is_date) {
        "date"
      } else if (is.null(numbers)) {
        "user"
      } else {
        "number"
      },
      numbers = if (is_date) as.double(column) else numbers
    )
  })
}

# `numbers`: the column is sorted by them, not by its text.
new_report_column <- function(
  title,
  html,
  width,
  class,
  numbers = NULL,
  always_shown = FALSE
) {
  list(
    title = title,
    html = html,
    width = width,
    class = class,
    numbers = if (is.numeric(numbers)) as.double(numbers),
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
        tag("button", type = "button", column$title)
      )
    },
    ""
  )
  widths <- vapply(columns, `[[`, 0, "width")
  # Where there is more space, columns become as wide as 5.5 rem, and then wider by the same factor.
  shares <- pmax(widths, 5.5)
  tracks <- paste0("minmax(", format_number(widths), "rem,", format_number(shares), "fr)", collapse = " ")
  total <- sum(widths) + report_column_gap * (length(widths) - 1)
  c(
    r"(<div class="scroll" tabindex="0" role="region" aria-labelledby="sessions-title">)",
    open_tag(
      "table",
      id = "sessions",
      `aria-labelledby` = "sessions-title",
      style = sprintf(
        "--columns:%s;--gap:%srem;--width:%srem",
        tracks,
        format_number(report_column_gap),
        format_number(total)
      )
    ),
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
        inline(open_cell(column, i), image_cell(report, i), "</td>")
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
