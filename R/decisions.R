# Decisions by thresholds: pass, review or fail.

# One decision for each row of results, as a factor; NA where the outcome of the check is not known.
decide <- function(x, decision) {
  status <- as.character(x[["status"]])
  score <- x[["confidence"]]
  decided <- rep(NA_character_, nrow(x))
  decided[status %in% c("FAILED", "EXPIRED")] <- "fail"
  is_scored <- status %in% "SUCCEEDED" & !is.na(score)
  decided[is_scored] <- "fail"
  # From the lowest threshold to the highest.
  for (name in rev(names(decision))) {
    decided[is_scored & score >= decision[[name]]] <- name
  }
  factor(decided, c(names(decision), "fail"))
}

# The same, or NULL without thresholds.
decisions_or_null <- function(x, decision, call) {
  if (is.null(decision)) {
    return(NULL)
  }
  check_columns(x, "confidence", call)
  check_confidence(x, call)
  decide(x, decision)
}

# A row for each decision: how many sessions there are, and the error rates by a reviewer's label. These are the rates at
# the thresholds of the decisions: of sessions with a confidence.
decision_rates <- function(x, decision, decisions, label, call) {
  if (is.null(decision)) {
    return(NULL)
  }
  kinds <- levels(decisions)
  count <- function(decisions) tabulate(decisions, length(kinds))
  rates <- data.frame(
    decision = factor(kinds, kinds),
    from = c(unname(decision), 0),
    sessions = count(decisions)
  )
  rates$share <- rates$sessions / sum(rates$sessions)
  if (!is.null(label)) {
    has_score <- !is.na(x$confidence)
    rates$live <- count(decisions[has_score & x[[label]] %in% TRUE])
    rates$attacks <- count(decisions[has_score & x[[label]] %in% FALSE])
    errors <- threshold_rates(x, decision, label, call)
    only <- function(kind, share) ifelse(kinds == kind, share, NA)
    rates$false_accept <- only("pass", errors$false_accept[nrow(errors)])
    rates$false_reject <- only("fail", errors$false_reject[1])
  }
  rates
}

decision_title <- function(decisions) {
  ifelse(is.na(decisions), "no decision", as.character(decisions))
}

# "pass from 95", "review from 80".
describe_decision <- function(decision) {
  if (is.null(decision)) character() else paste(names(decision), "from", format_number(decision))
}

# "5 pass, 2 review, 3 fail, 1 without a decision".
describe_decisions <- function(decisions) {
  counts <- c(table(decisions), `without a decision` = sum(is.na(decisions)))
  counts <- counts[counts > 0 | names(counts) != "without a decision"]
  paste(format_count(counts), names(counts), collapse = ", ")
}
