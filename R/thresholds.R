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

check_thresholds <- function(x, call) {
  if (is.null(x)) {
    return(numeric())
  }
  if (!is.numeric(x) || is.object(x) || anyNA(x) || any(x < 0 | x > 100)) {
    stop_argument("thresholds", gettext("`thresholds` must be numbers from 0 to 100."), call)
  }
  if (any(x > 0) && all(x <= 1)) {
    stop_argument(
      "thresholds",
      gettext("`thresholds` are from 0 to 100, as the confidence is: 90, say, and not 0.9."),
      call
    )
  }
  sort(unique(as.double(x)))
}

check_label <- function(x, label, call) {
  if (is.null(label)) {
    return(invisible())
  }
  label <- check_string(label, "label", call)
  if (!label %in% names(x) || !is.logical(x[[label]])) {
    stop_argument(
      "label",
      gettextf(
        "`label` must name a logical column: TRUE for a live person, FALSE for an attack. `%s` is not one.",
        label
      ),
      call
    )
  }
}

check_confidence <- function(x, call) {
  if (!is.numeric(x$confidence)) {
    stop_plain(gettextf("The column `confidence` must be numbers, not %s.", what_is(x$confidence)), call)
  }
}

check_columns <- function(x, columns, call) {
  missing <- setdiff(columns, names(x))
  if (length(missing) > 0) {
    stop_plain(gettextf("The results have no column `%s`.", missing[1]), call)
  }
}
