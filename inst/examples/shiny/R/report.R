# The report that reviewers download: the sessions that match the filters, with all that is known of them.

report_results <- function(table, reviews) {
  results <- table[setdiff(names(table), added_columns)]
  results[["User"]] <- table[["user_id"]]
  if (!is.null(table[["verdict"]])) {
    results[["Verdict"]] <- vapply(seq_len(nrow(table)), function(i) verdict_line(table[i, ]), "")
  }
  results[["Live"]] <- table$label == "live"
  lines <- split(review_lines(reviews), factor(reviews$session_id, table$session_id))
  results[["Reviews"]] <- vapply(lines, paste, "", collapse = "\n")
  as_liveness_results(results)
}

review_lines <- function(reviews) {
  label <- ifelse(is.na(reviews$label), "undecided", reviews$label)
  note <- ifelse(nzchar(reviews$note), paste0(": ", reviews$note), "")
  paste0(label, ", ", reviews$reviewer, ", ", format_time(reviews$reviewed_at), note, recycle0 = TRUE)
}

verdict_line <- function(row) {
  if (is.na(row$verdict)) {
    return("")
  }
  paste0(row$verdict, ", ", format_time(row$retrieved_at), ". ", describe_verdict(row))
}

# The columns of `table` that are in the columns above.
added_columns <- c(
  "user_id",
  "verdict",
  "review_threshold",
  "pass_threshold",
  "reason",
  "created_at",
  "decision",
  "label",
  "reviewer",
  "reviewed_at",
  "note",
  "is_disputed"
)

# Whether both live people and attacks were reviewed, so that both error rates can be shown.
has_both_labels <- function(table) {
  has_score <- !is.na(table$confidence)
  all(c("live", "attack") %in% table$label[has_score])
}
