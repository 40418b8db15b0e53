# The table of a report, a row for each session, and what it is filtered with.

# What the columns of results are called in a report.
report_titles <- c(
  session_id = "Session",
  status = "Status",
  confidence = "Confidence",
  images = "Images",
  feedback = "Feedback",
  error = "Error",
  challenge = "Challenge",
  sdk_type = "Client",
  retrieved_at = "Retrieved at (UTC)",
  request_id = "Request id",
  attempts = "Attempts"
)

# The columns of the table, in order. Those with nothing in them are left out, as print() does.
report_columns <- function(x) {
  column <- function(name, html, ...) new_report_column(report_titles[[name]], html, ...)
  text <- function(name, ...) column(name, as_html(cell_texts(x[[name]], nrow(x))), ...)
  scores <- x[["confidence"]]
  columns <- c(
    list(
      text("session_id", class = "id", is_searched = TRUE, is_kept = TRUE),
      column("status", verdict_cells(x), class = "status", is_kept = TRUE),
      column(
        "confidence",
        filled(if (!is.null(scores)) score_text(scores), nrow(x)),
        class = "number",
        numbers = scores
      ),
      column("images", count_images(x), class = "images", numbers = count_images(x)),
      column("feedback", feedback_cells(x), class = "words", is_searched = TRUE),
      column("error", as_html(error_words(x)), class = "words", is_searched = TRUE)
    ),
    lapply(setdiff(names(x), names(result_columns)), function(name) {
      numbers <- if (is.numeric(x[[name]]) && is.null(dim(x[[name]]))) as.double(x[[name]])
      class <- if (is.null(numbers)) "own" else "number"
      html <- as_html(cell_texts(x[[name]], nrow(x)))
      new_report_column(as_html(name), html, class = class, numbers = numbers, is_searched = TRUE)
    }),
    list(
      column("challenge", as_html(challenge_words(x)), class = "challenge"),
      text("sdk_type"),
      column("retrieved_at", time_cells(x[["retrieved_at"]], nrow(x)), class = "time"),
      text("request_id", class = "id"),
      text("attempts", class = "number", numbers = x[["attempts"]])
    )
  )
  Filter(function(column) column$is_kept || !all(column$html %in% c("", "0")), columns)
}

# `numbers` is what the column sorts by, if that is not its text.
new_report_column <- function(
  title,
  html,
  class = "text",
  numbers = NULL,
  is_searched = FALSE,
  is_kept = FALSE
) {
  list(
    title = title,
    html = html,
    class = class,
    numbers = if (is.numeric(numbers)) as.double(numbers),
    is_searched = is_searched,
    is_kept = is_kept
  )
}

report_controls <- function(x, rates) {
  verdicts <- count_in_order(report_verdict(x))
  options <- function(values, words) {
    if (length(values) > 0) {
      paste0("<option value=\"", values, "\">", words, "</option>", collapse = "")
    }
  }
  field <- function(words, control) paste0("<label><span>", words, "</span>", control, "</label>")
  number <- function(id, words) {
    paste0(
      "<input type=\"number\" id=\"",
      id,
      "\" aria-label=\"",
      words,
      "\" min=\"0\" max=\"100\" step=\"any\" inputmode=\"decimal\">"
    )
  }
  has_confidence <- !is.null(x[["confidence"]])
  c(
    "</div>",
    "<section aria-labelledby=\"sessions-title\">",
    "<h2 id=\"sessions-title\">Sessions</h2>",
    # Without JavaScript there is nothing that they could do.
    "<div class=\"controls\" role=\"search\" hidden>",
    field("Search", "<input type=\"search\" id=\"text\" autocomplete=\"off\" spellcheck=\"false\">"),
    field(
      "Status",
      paste0(
        "<select id=\"status\"><option value=\"\">all</option>",
        options(as_html(names(verdicts)), as_html(names(verdicts))),
        "</select>"
      )
    ),
    if (has_confidence) {
      c(
        field("Confidence from", number("from", "Confidence from")),
        field("to", number("to", "Confidence to"))
      )
    },
    if (NROW(rates) > 0) {
      field(
        "Threshold",
        paste0(
          "<select id=\"threshold\"><option value=\"\">any</option>",
          options(for_machines(rates$threshold, "%.17g"), paste("below", rates$threshold)),
          "</select>"
        )
      )
    },
    "<button type=\"button\" id=\"clear\">Clear</button>",
    "</div>",
    paste0("<p id=\"count\" class=\"quiet\" role=\"status\">", count_of(nrow(x), "session"), "</p>")
  )
}

report_table_head <- function(columns) {
  heads <- vapply(
    columns,
    function(column) {
      paste0(
        "<th scope=\"col\" class=\"",
        column$class,
        "\" aria-sort=\"none\"",
        if (!is.null(column$numbers)) " data-numbers",
        if (column$is_searched) " data-searched",
        "><button type=\"button\">",
        column$title,
        "</button></th>"
      )
    },
    ""
  )
  c(
    "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-labelledby=\"sessions-title\">",
    "<table id=\"sessions\" aria-labelledby=\"sessions-title\">",
    "<thead><tr>",
    heads,
    "</tr></thead>",
    "<tbody>"
  )
}

report_row <- function(x, i, columns) {
  cells <- vapply(
    columns,
    function(column) {
      number <- column$numbers[i]
      paste0(
        "<td class=\"",
        column$class,
        "\" data-label=\"",
        column$title,
        # To the last bit: filters compare it with thresholds.
        if (!is.null(number) && !is.na(number)) paste0("\" data-number=\"", for_machines(number, "%.17g")),
        "\">",
        if (column$class == "images") image_cell(x, i) else column$html[i],
        "</td>"
      )
    },
    ""
  )
  confidence <- x[["confidence"]][i]
  c(
    paste0(
      "<tr data-status=\"",
      as_html(report_verdict(x[i, ])),
      if (!is.null(confidence) && !is.na(confidence)) {
        paste0("\" data-confidence=\"", for_machines(confidence, "%.17g"))
      },
      "\">"
    ),
    cells,
    "</tr>"
  )
}

report_table_end <- function() {
  c("</tbody>", "</table>", "</div>", "<p id=\"nothing\" hidden>No session matches.</p>")
}
