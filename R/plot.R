# The plot method of results, which delegates to images and charts. All use base graphics.

#' Plot results
#'
#' `plot()` shows results of [liveness_results()] as images, as a histogram of the confidence, or as a curve over the
#' threshold.
#'
#' - `"gallery"`: the reference image of each session with its face box, and the confidence, the status and the session ID above it.
#' - `"confidence"`: a histogram of the confidence, with the given thresholds and the share of sessions that pass each.
#'   With `label`, live people and attacks have different colors.
#' - `"threshold"`: the share of sessions that pass, for every threshold from 0 to 100. With `label`, there are two curves
#'   instead: false accept, the share of attacks that pass, and false reject, the share of live people who do not
#'   pass.
#'
#' A session passes if its confidence is at or above the threshold. Sessions without a confidence (failed, expired,
#' errors) are not drawn; the plot shows their number. There is no default threshold, since it depends on what is at
#' stake; AWS's [AI Service Card](https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html)
#' gives starting points (50 or 60, and 80 or 90 against injection attacks).
#'
#' With `decision`, a gallery has the decision above each image, and the other types show where each decision begins, and
#' the number of sessions with each decision, as [summary.liveness_results()] counts them.
#'
#' @param x Results of [liveness_results()].
#' @param type Type of the plot.
#' @param ... Not used. Arguments after it must be named in full; unknown ones are an error, and so are those that do not
#'   apply to the type.
#' @param thresholds Numbers from 0 to 100, for `"confidence"` and `"threshold"`.
#' @param label Name of a logical column of `x`: `TRUE` for a live person, `FALSE` for an attack, `NA` for a session
#'   that was not reviewed.
#' @param decision Thresholds of the decisions: `c(pass = 90)`, or `c(review = 80, pass = 95)`. See the section Decisions
#'   in [summary.liveness_results()].
#' @param n Maximum number of sessions in a gallery.
#' @param units Units of the face boxes in a gallery: see [liveness_image()].
#' @param main Title (a string), for `"confidence"` and `"threshold"`.
#' @return For a gallery, `x`. For the other types, a data frame with a row for each threshold and the columns
#'   `threshold`, `sessions` (those with a confidence), `passed`, `share` (from 0 to 1) and, with `label`, `live`,
#'   `attacks`, `false_accept` and `false_reject` (shares; `NaN` if there are no such sessions). Both invisibly.
#'
#' Raises `rekognition_argument_error` for an invalid argument, and `rekognition_error` if columns are missing.
#' @references
#' [Recommendations for usage of Face Liveness](https://docs.aws.amazon.com/rekognition/latest/dg/recommendations-liveness.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' ids <- vapply(1:8, function(i) svc$create_face_liveness_session()$SessionId, "")
#' scores <- c(99.2, 97.5, 96, 93.1, 88.4, 71, 35.2, 12.9)
#' for (i in 1:8) emulator$check(ids[i], confidence = scores[i])
#' results <- liveness_results(ids, svc)
#'
#' if (requireNamespace("jpeg", quietly = TRUE)) plot(results, n = 4)
#' plot(results, "confidence", thresholds = c(80, 90))
#' plot(results, "confidence", decision = c(review = 80, pass = 95))
#'
#' results$live <- c(TRUE, TRUE, TRUE, TRUE, TRUE, FALSE, FALSE, FALSE)
#' rates <- plot(results, "threshold", thresholds = c(80, 90), label = "live")
#' rates
#' emulator$stop()
plot.liveness_results <- function(
  x,
  type = c("gallery", "confidence", "threshold"),
  ...,
  thresholds = NULL,
  label = NULL,
  n = 12,
  units = c("auto", "ratio", "pixel"),
  main = NULL,
  decision = NULL
) {
  call <- quote(plot(...))
  check_dots(list(...), c("type", "thresholds", "label", "n", "units", "main", "decision"), "plot()", call)
  main <- check_string_or_null(main, "main", call)
  decision <- check_decision(decision, call)
  type <- check_choice(type, c("gallery", "confidence", "threshold"), "type", call)
  unused <- if (type == "gallery") {
    c("thresholds", "label", "main")[!c(is.null(thresholds), is.null(label), is.null(main))]
  } else {
    c("n", "units")[!c(missing(n), missing(units))]
  }
  if (length(unused) > 0) {
    message <- gettextf("`%s` cannot be used with `%s`.", unused[1], paste0("type = \"", type, "\""))
    stop_argument(unused[1], message, call)
  }
  decisions <- decisions_or_null(x, decision, call)
  if (type == "gallery") {
    n <- check_number(n, "n", call, min = 1)
    units <- check_choice(units, c("auto", "ratio", "pixel"), "units", call)
    draw_gallery(x, n, units, decisions, call)
    return(invisible(x))
  }
  rates <- threshold_rates(x, thresholds, label, call)
  if (type == "confidence") {
    draw_confidence(x, rates, label, decision, decisions)
  } else {
    draw_thresholds(x, rates, label, decision, decisions, call)
  }
  graphics::title(main = main, line = 2.6, font.main = 1)
  invisible(rates)
}
