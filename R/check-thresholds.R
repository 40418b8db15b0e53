# Checks of results and thresholds.

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
    stop_argument("thresholds", gettext("`thresholds` must be numbers from 0 to 100."), call)
  }
  if (any(x > 0) && all(x <= 1)) {
    stop_argument(
      "thresholds",
      gettext("`thresholds` must be on the scale of the confidence, 0 to 100: use 90, not 0.9."),
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
        "`label` must name a logical column (TRUE for a live person, FALSE for an attack), not `%s`.",
        label
      ),
      call
    )
  }
}
