# What is known of each session: its result, its decision, and its newest review.

with_reviews <- function(sessions, reviews, decision) {
  newest <- reviews[!duplicated(reviews$session_id, fromLast = TRUE), ]
  place <- match(sessions$session_id, newest$session_id)
  sessions$decision <- if (is.null(decision)) {
    rep(NA_character_, nrow(sessions))
  } else {
    as.character(summary(sessions, decision = decision)$decisions)
  }
  sessions[c("label", "reviewer", "reviewed_at", "note")] <-
    newest[place, c("label", "reviewer", "reviewed_at", "note")]
  sessions$is_disputed <- sessions$session_id %in% disputed_sessions(reviews)
  sessions
}

# The sessions whose reviewers disagree: the newest label of each reviewer counts.
disputed_sessions <- function(reviews) {
  newest <- reviews[!duplicated(reviews[c("session_id", "reviewer")], fromLast = TRUE), ]
  intersect(newest$session_id[newest$label %in% "live"], newest$session_id[newest$label %in% "attack"])
}

review_filters <- c(
  "All" = "all",
  "Undecided" = "undecided",
  "Live" = "live",
  "Attack" = "attack",
  "Reviewers disagree" = "disputed"
)
decision_filters <- c("All" = "all", "Pass" = "pass", "Review" = "review", "Fail" = "fail", "None" = "none")
orders <- c("Oldest first" = "oldest", "Newest first" = "newest", "Lowest confidence first" = "lowest")

# Whether a session matches the filters of the page.
matches_filters <- function(table, review, decision, search) {
  by_review <- switch(
    review,
    all = TRUE,
    undecided = is.na(table$label),
    disputed = table$is_disputed,
    table$label %in% review
  )
  # Without thresholds, the recorded verdicts.
  decided <- if (all(is.na(table$decision)) && !is.null(table[["verdict"]])) table$verdict else table$decision
  by_decision <- switch(decision, all = TRUE, none = is.na(decided), decided %in% decision)
  found <- function(column) {
    if (is.null(column)) FALSE else grepl(search, column, fixed = TRUE)
  }
  by_text <- !nzchar(search) | found(table$session_id) | found(table[["user_id"]])
  rep_len(by_review & by_decision & by_text, nrow(table))
}

# The filters that are set, as text: "review: undecided, decision: fail".
describe_filters <- function(filters) {
  is_set <- !filters %in% c("all", "")
  paste(names(filters), unlist(filters), sep = ": ", recycle0 = TRUE)[is_set]
}

# Sessions are stored in the order of their retrieval.
in_order <- function(table, order) {
  rows <- switch(
    order,
    newest = rev(seq_len(nrow(table))),
    lowest = base::order(table$confidence),
    seq_len(nrow(table))
  )
  table[rows, ]
}

rows_per_page <- 50

n_pages <- function(ids) {
  max(1, ceiling(length(ids) / rows_per_page))
}

page_of <- function(id, ids) {
  place <- match(id, ids)
  if (is.na(place)) NULL else ceiling(place / rows_per_page)
}

ids_on_page <- function(ids, page) {
  ids[seq_along(ids) > (page - 1) * rows_per_page & seq_along(ids) <= page * rows_per_page]
}
