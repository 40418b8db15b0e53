# The table of sessions, one page of it at a time.

sessions_table <- function(rows, selected, has_decisions) {
  columns <- c(
    "Session",
    if (!is.null(rows[["user_id"]])) "User",
    if (has_decisions) "Decision",
    if (!is.null(rows[["verdict"]])) "Verdict",
    "Result",
    "Review"
  )
  # Text from the service, made safe to show.
  text <- format(as_liveness_results(rows[c("session_id", "status", "error_code")]))
  cells <- function(i) {
    row <- rows[i, ]
    cell <- list(
      Session = session_button(row$session_id, text$session_id[i], row$session_id %in% selected),
      User = span(title = row[["user_id"]], tags$bdi(row[["user_id"]])),
      Decision = decision_badge(row$decision),
      Verdict = decision_badge(row[["verdict"]]),
      Result = result_text(row, text$status[i], text$error_code[i]),
      Review = review_text(row)
    )
    tags$tr(
      class = if (row$session_id %in% selected) "selected",
      `data-session` = row$session_id,
      lapply(columns, function(name) tags$td(class = ascii_lower(name), cell[[name]]))
    )
  }
  tags$table(
    class = if (has_decisions) "has-decisions",
    tags$caption(class = "sr-only", "Sessions"),
    tags$thead(tags$tr(lapply(columns, function(name) {
      tags$th(scope = "col", class = ascii_lower(name), name)
    }))),
    tags$tbody(lapply(seq_len(nrow(rows)), cells))
  )
}

# The confidence. SUCCEEDED means that the check was completed, not that it was passed, and is left out.
result_text <- function(row, status, error_code) {
  tagList(
    if (!is.na(row$confidence)) format_score(row$confidence),
    if (!row$status %in% c("SUCCEEDED", NA)) span(class = "status", status),
    if (!is.na(row$error_code)) span(class = "error", error_code),
    if (is.na(row$status) && is.na(row$error_code)) span(class = "status", "no result yet")
  )
}

session_button <- function(id, text, is_selected) {
  tags$button(
    type = "button",
    class = "session-link",
    `aria-current` = if (is_selected) "true" else "false",
    title = text,
    text
  )
}

decision_badge <- function(decision) {
  if (length(decision) == 1 && !is.na(decision)) {
    span(class = paste("badge", decision), decision, .noWS = "outside")
  } else {
    span(class = "none", title = "no decision", "\u2013")
  }
}

# The newest review of a session, by any reviewer.
review_text <- function(row) {
  if (is.na(row$reviewer)) {
    return(NULL)
  }
  what <- if (!is.na(row$label)) {
    row$label
  } else if (nzchar(row$note)) {
    "note"
  } else {
    "undecided"
  }
  tagList(
    span(class = paste("label", what), what),
    " ",
    tags$bdi(class = "by", title = row$reviewer, row$reviewer),
    if (row$is_disputed) span(class = "disputed", title = "The reviewers disagree.", "\u2260")
  )
}

pager <- function(page, ids, n_all, n_stored) {
  first <- (page - 1) * rows_per_page + 1
  last <- min(page * rows_per_page, length(ids))
  step <- function(by, label, at_end) {
    tags$button(type = "button", class = "btn", `data-page` = page + by, disabled = if (at_end) NA, label)
  }
  shown <- if (length(ids) == 0) "No sessions" else sprintf("%d to %d of %d", first, last, length(ids))
  tags$nav(
    class = "pages",
    `aria-label` = "Pages of the table",
    span(
      role = "status",
      shown,
      if (length(ids) < n_all) sprintf(" that match, of %d", n_all),
      if (n_stored > n_all) sprintf(", the newest of %d stored", n_stored)
    ),
    if (n_pages(ids) > 1) {
      tagList(
        step(-1, "Previous page", page == 1),
        sprintf("Page %d of %d", page, n_pages(ids)),
        step(1, "Next page", page == n_pages(ids))
      )
    }
  )
}
