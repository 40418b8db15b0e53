# Checks of results, thresholds and decisions.

check_columns <- function(x, columns, call) {
  missing <- setdiff(columns, names(x))
  if (length(missing) > 0) {
    stop_plain(gettextf("The results have no column `%s`.", missing[1]), call)
  }
}

check_confidence <- function(x, call) {
  if (!is.numeric(x$confidence)) {
    stop_plain(gettextf("The column `confidence` must be numeric, not %s.", what_is(x$confidence)), call)
  }
}

check_thresholds <- function(x, call) {
  if (is.null(x)) {
    return(numeric())
  }
  if (!is.numeric(x) || is.object(x) || anyNA(x) || any(x < 0 | x > 100)) {
    stop_argument("thresholds", gettextf("`%s` must be numbers from 0 to 100.", "thresholds"), call)
  }
  check_scale(x, "thresholds", call)
  sort(unique(as.double(x)))
}

check_scale <- function(x, argument, call) {
  if (any(x > 0) && all(x <= 1)) {
    message <- gettextf(
      "`%s` must be on the scale of the confidence, 0 to 100: use 90, not 0.9.",
      argument
    )
    stop_argument(argument, message, call)
  }
}

# Returns the thresholds by name, highest first.
check_decision <- function(x, call) {
  if (is.null(x)) {
    return(NULL)
  }
  is_named <- is.numeric(x) && !is.object(x) && setequal(names(x), c("pass", if (length(x) == 2) "review"))
  if (!is_named || length(x) > 2) {
    message <- gettextf(
      "`%s` must be numbers with the names %s and, optionally, %s: `%s` or `%s`.",
      "decision",
      "`pass`",
      "`review`",
      "c(pass = 90)",
      "c(review = 80, pass = 95)"
    )
    stop_argument("decision", message, call)
  }
  if (anyNA(x) || any(x < 0 | x > 100)) {
    stop_argument("decision", gettextf("`%s` must be numbers from 0 to 100.", "decision"), call)
  }
  check_scale(x, "decision", call)
  if (length(x) == 2 && x[["review"]] >= x[["pass"]]) {
    message <- gettextf("In `%s`, `%s` must be below `%s`.", "decision", "review", "pass")
    stop_argument("decision", message, call)
  }
  kinds <- intersect(c("pass", "review"), names(x))
  stats::setNames(as.double(x[kinds]), kinds)
}

check_label <- function(x, label, call) {
  if (is.null(label)) {
    return(invisible())
  }
  label <- check_string(label, "label", call)
  if (!label %in% names(x)) {
    stop_argument(
      "label",
      gettextf("The results have no column `%s`, which `label` names.", clean_text(label)),
      call
    )
  }
  if (!is.logical(x[[label]])) {
    message <- gettextf(
      "`label` must name a logical column (TRUE for a live person, FALSE for an attack), but `%s` is %s.",
      clean_text(label),
      what_is(x[[label]])
    )
    stop_argument("label", message, call)
  }
}
