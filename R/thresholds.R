# Rates at thresholds.

# A row for each threshold: how many sessions pass, and the error rates by a reviewer's label.
threshold_rates <- function(x, thresholds, label, call) {
  check_columns(x, "confidence", call)
  check_confidence(x, call)
  thresholds <- check_thresholds(thresholds, call)
  check_label(x, label, call)
  has_score <- !is.na(x$confidence)
  score <- x$confidence[has_score]
  count_passed <- function(among) {
    sorted <- sort(score[among])
    length(sorted) - findInterval(thresholds, sorted, left.open = TRUE)
  }
  n_passed <- count_passed(rep(TRUE, length(score)))
  rates <- data.frame(
    threshold = thresholds,
    sessions = rep(length(score), length(thresholds)),
    passed = n_passed,
    share = n_passed / length(score)
  )
  if (!is.null(label)) {
    is_live <- x[[label]][has_score] %in% TRUE
    is_attack <- x[[label]][has_score] %in% FALSE
    rates$live <- rep(sum(is_live), length(thresholds))
    rates$attacks <- rep(sum(is_attack), length(thresholds))
    rates$false_accept <- count_passed(is_attack) / sum(is_attack)
    rates$false_reject <- 1 - count_passed(is_live) / sum(is_live)
  }
  rates
}

# The same, or NULL without thresholds.
rates_or_null <- function(x, thresholds, label, call) {
  check_label(x, label, call)
  if (is.null(thresholds)) NULL else threshold_rates(x, thresholds, label, call)
}
