# What thresholds do to results.

# A row for each threshold: how many sessions pass, and what of that is wrong by a reviewer's label.
threshold_rates <- function(x, thresholds, label, call) {
  check_columns(x, "confidence", call)
  check_confidence(x, call)
  thresholds <- check_thresholds(thresholds, call)
  check_label(x, label, call)
  has_score <- !is.na(x$confidence)
  score <- x$confidence[has_score]
  passed <- function(among) {
    sorted <- sort(score[among])
    length(sorted) - findInterval(thresholds, sorted, left.open = TRUE)
  }
  everybody <- passed(rep(TRUE, length(score)))
  rates <- data.frame(
    threshold = thresholds,
    sessions = rep(length(score), length(thresholds)),
    passed = everybody,
    share = everybody / length(score)
  )
  if (!is.null(label)) {
    is_live <- x[[label]][has_score] %in% TRUE
    is_attack <- x[[label]][has_score] %in% FALSE
    rates$live <- rep(sum(is_live), length(thresholds))
    rates$attacks <- rep(sum(is_attack), length(thresholds))
    rates$false_accept <- passed(is_attack) / sum(is_attack)
    rates$false_reject <- 1 - passed(is_live) / sum(is_live)
  }
  rates
}

# The same where thresholds may not be given: NULL then.
rates_or_null <- function(x, thresholds, label, call) {
  check_label(x, label, call)
  if (is.null(thresholds)) NULL else threshold_rates(x, thresholds, label, call)
}
