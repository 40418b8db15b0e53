# Drawing, with base graphics. Colours of text and lines are the device's (`par("fg")`), so that dark ones work; the
# others can be told apart without seeing red and green.

palette_of <- function(kinds) {
  dark <- sum(grDevices::col2rgb(paper_colour())) < 384
  colours <- if (dark) c("#56B4E9", "#E69F00", "#999999") else c("#0072B2", "#D55E00", "#8C8C8C")
  colours[match(kinds, c("live person", "attack", "not reviewed"), nomatch = 1)]
}

# The colour behind the plot; that of devices without one is white.
paper_colour <- function() {
  paper <- graphics::par("bg")
  if (paper == "transparent") "white" else paper
}

#' Plots of results
#'
#' `plot()` shows results of [liveness_results()]: the people, the distribution of their confidence, or what a threshold
#' does.
#'
#' - `"gallery"`: the reference image of each session with its face box, above it the confidence and the status.
#' - `"confidence"`: a histogram of the confidence from 0 to 100, with the given thresholds and the share that passes. With
#'   `label` live persons and attacks have colours of their own.
#' - `"threshold"`: for every threshold from 0 to 100 the share that passes. If `label` names a column with what a human
#'   reviewer found, there are two curves instead: false accept, the share of the attacks that pass, and false
#'   reject, the share of the live persons that do not.
#'
#' A session passes if its confidence is the threshold or above. Sessions without a confidence (failed, expired, errors)
#' are left out; the plot says how many. There is no default threshold, since it depends on what is at stake;
#' AWS's [AI Service Card](https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html) gives
#' starting points (50 or 60, and 80 or 90 against injection attacks).
#'
#' @param x Results of [liveness_results()].
#' @param type What to show.
#' @param ... None: the arguments after it are given by their whole names. Others are an error, and so are those that
#'   the type does not have.
#' @param thresholds Numbers from 0 to 100, for `"confidence"` and `"threshold"`.
#' @param label Name of a logical column of `x`: `TRUE` for a live person, `FALSE` for an attack, `NA` for a session
#'   that was not reviewed.
#' @param n The most sessions in a gallery.
#' @param units Of the boxes in a gallery: see [liveness_image()].
#' @param main String: a title, for `"confidence"` and `"threshold"`.
#' @return For a gallery `x`; for the other types a data frame with a row for each threshold and the columns `threshold`,
#'   `sessions` (that have a confidence), `passed`, `share` (of 1) and, with `label`, `live`, `attacks`,
#'   `false_accept` and `false_reject` (shares; `NaN` where there are none to take a share of). Invisibly.
#'
#' Raises `rekognition_argument_error` for a bad argument, and `rekognition_error` where columns are missing.
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
  main = NULL
) {
  call <- quote(plot(...))
  check_dots(list(...), c("type", "thresholds", "label", "n", "units", "main"), "plot()", call)
  main <- check_string_or_null(main, "main", call)
  type <- check_choice(type, c("gallery", "confidence", "threshold"), "type", call)
  idle <- if (type == "gallery") {
    c("thresholds", "label", "main")[!c(is.null(thresholds), is.null(label), is.null(main))]
  } else {
    c("n", "units")[!c(missing(n), missing(units))]
  }
  if (length(idle) > 0) {
    message <- gettextf("`%s` has no meaning with `%s`.", idle[1], paste0("type = \"", type, "\""))
    stop_argument(idle[1], message, call)
  }
  if (type == "gallery") {
    n <- check_number(n, "n", call, min = 1)
    units <- check_choice(units, c("auto", "ratio", "pixel"), "units", call)
    draw_gallery(x, n, units, call)
    return(invisible(x))
  }
  rates <- threshold_rates(x, thresholds, label, call)
  if (type == "confidence") {
    draw_confidence(x, rates, label)
  } else {
    draw_thresholds(x, rates, label, call)
  }
  graphics::title(main = main, line = 2.6, font.main = 1)
  invisible(rates)
}

draw_gallery <- function(x, n, units, call) {
  check_columns(x, c("session_id", "status", "reference_image"), call)
  shown <- plain_frame(x)[seq_len(min(n, nrow(x))), ]
  more <- nrow(x) - nrow(shown)
  layout <- gallery_layout(max(1, nrow(shown)), graphics::par("din"))
  old <- graphics::par(
    mfrow = c(layout$rows, layout$columns),
    mar = c(0.4, 0.4, 2.6, 0.4),
    oma = c(if (more > 0) 1.5 else 0, 0, 0, 0)
  )
  on.exit(graphics::par(old))
  # par(mfrow) makes letters small by itself, and in steps.
  graphics::par(cex = layout$cex)
  for (i in seq_len(nrow(shown))) {
    image <- shown$reference_image[[i]]
    picture <- NULL
    if (!is.null(image)) {
      # One that cannot be drawn leaves the others alone.
      picture <- tryCatch(
        {
          image <- as_image(image, "x", call)
          if (length(image$Bytes) > 0) as_picture(image, call)
        },
        rekognition_error = conditionMessage
      )
    }
    draw_image(if (is.list(image)) image else list(), picture, units, gallery_caption(shown[i, ]))
  }
  if (nrow(shown) == 0) {
    graphics::plot.new()
    graphics::text(0.5, 0.5, "no sessions")
  }
  if (more > 0) {
    graphics::mtext(
      gettextf("The first %s of %s sessions", whole(nrow(shown)), whole(nrow(x))),
      side = 1,
      outer = TRUE,
      line = 0.3,
      cex = 0.8
    )
  }
}

# The rows and columns that give the largest portraits, three wide and four high, with two lines above.
gallery_layout <- function(n, page) {
  columns <- seq_len(n)
  rows <- ceiling(n / columns)
  cex <- pmax(0.55, pmin(1, page[1] / columns / 2.4))
  width <- page[1] / columns - 0.16 * cex
  height <- page[2] / rows - 0.6 * cex
  best <- which.max(pmin(width / 3, height / 4))
  list(rows = rows[best], columns = columns[best], cex = cex[best])
}

gallery_caption <- function(row) {
  # A verdict that was found may have an error beside it.
  words <- c(as.character(row$status), as.character(row[["error_code"]]))
  verdict <- paste(clean_text(words[!is.na(words)]), collapse = ", ")
  score <- row[["confidence"]]
  score <- if (is.numeric(score) && !is.na(score)) score_text(score, 4)
  paste0(paste(c(score, verdict), collapse = " "), "\n", clean_text(row$session_id))
}

draw_confidence <- function(x, rates, label) {
  groups <- split_by_label(x, label)
  breaks <- confidence_breaks
  counts <- count_confidence(groups)
  tallest <- max(1, rowSums(counts))
  words <- paste0(rates$threshold, ": ", percent(rates$share), " pass")
  show_words <- open_chart(tallest, rates$threshold, words, "Confidence", "Sessions", left_out(x))
  graphics::axis(2, unique(floor(pretty(c(0, tallest)))), las = 1)
  bottom <- numeric(length(breaks) - 1)
  colours <- palette_of(names(groups))
  for (group in seq_along(groups)) {
    top <- bottom + counts[, group]
    filled <- top > bottom
    graphics::rect(
      breaks[-length(breaks)][filled],
      bottom[filled],
      breaks[-1][filled],
      top[filled],
      col = colours[group],
      border = graphics::par("bg")
    )
    bottom <- top
  }
  show_words()
  if (length(groups) > 1) {
    legend_above(names(groups), fill = colours, border = NA)
  }
}

confidence_breaks <- seq(0, 100, 2.5)

# A row for each bar, a column for each group.
count_confidence <- function(groups) {
  vapply(
    groups,
    function(values) {
      graphics::hist(pmin(100, pmax(0, values)), breaks = confidence_breaks, plot = FALSE)$counts
    },
    numeric(length(confidence_breaks) - 1)
  )
}

draw_thresholds <- function(x, rates, label, call) {
  at <- seq(0, 100, 0.1)
  curve <- threshold_rates(x, at, label, call)
  words <- if (is.null(label)) {
    percent(rates$share)
  } else {
    paste0("FA ", percent(rates$false_accept), ", FR ", percent(rates$false_reject))
  }
  words <- paste0(rates$threshold, ": ", words)
  what <- if (is.null(label)) "Sessions that pass (%)" else "Wrong verdicts (%)"
  show_words <- open_chart(1, rates$threshold, words, "Threshold", what, left_out(x))
  graphics::axis(2, seq(0, 1, 0.2), seq(0, 100, 20), las = 1)
  colours <- palette_of(c("live person", "attack"))
  if (is.null(label)) {
    graphics::lines(at, curve$share, col = colours[1], lwd = 2, type = "s")
    return(show_words())
  }
  graphics::lines(at, curve$false_accept, col = colours[2], lwd = 2, lty = 1, type = "s")
  graphics::lines(at, curve$false_reject, col = colours[1], lwd = 2, lty = 2, type = "s")
  show_words()
  count <- function(n, one) paste0(" (", count_of(n, one), ")")
  legend_above(
    c(
      paste0("FA: false accept", count(curve$attacks[1], "attack")),
      paste0("FR: false reject", count(curve$live[1], "live person"))
    ),
    col = rev(colours),
    lty = c(1, 2),
    lwd = 2
  )
}

# In the margin, where nothing is drawn.
legend_above <- function(words, ...) {
  usr <- graphics::par("usr")
  draw <- function(horiz, plot = TRUE) {
    graphics::legend(
      usr[1],
      usr[4],
      words,
      ...,
      horiz = horiz,
      bty = "n",
      yjust = 0,
      xpd = NA,
      cex = 0.9,
      plot = plot
    )
  }
  draw(horiz = draw(TRUE, plot = FALSE)$rect$w < 1.1 * diff(usr[1:2]))
}

# The line, from the top, of each of some words whose middle is `at`, so that none lies on another.
stack_lines <- function(at, width) {
  width <- rep(width, length.out = length(at))
  line <- numeric(length(at))
  ends <- numeric()
  # There may be none, NULL.
  for (i in order(as.double(at))) {
    line[i] <- c(which(ends <= at[i] - width[i] / 2), length(ends) + 1)[1]
    ends[line[i]] <- at[i] + width[i] / 2
  }
  line
}

# A chart over 0 to 100, whose content goes up to `top`. Above is room for the words of thresholds, which are kept apart:
# each that would lie on another is a line lower. Returns the function that draws them, over the content.
open_chart <- function(top, thresholds, words, xlab, ylab, sub) {
  graphics::plot.new()
  page <- graphics::par("pin")
  words <- words[seq_along(thresholds)]
  # Axes have 4 % of their length on either side.
  width <- graphics::strwidth(words, "inches", cex = 0.8) * 108 / page[1] + 1
  at <- pmin(pmax(thresholds, width / 2 - 4), 104 - width / 2)
  line <- stack_lines(at, width)
  height <- diff(graphics::strheight(c("M", "M\nM"), "inches", cex = 0.8)) * 1.1 / page[2]
  top <- 1.04 * top / (1 - min(0.6, max(0, line) * height))
  graphics::plot.window(c(0, 100), c(0, top), yaxs = "i")
  graphics::axis(1)
  graphics::box(bty = "l")
  graphics::title(xlab = xlab, sub = sub, cex.sub = 0.8)
  # Beside the labels of the axis, which are as wide as the counts are long.
  labels <- format(pretty(c(0, top)), scientific = FALSE, trim = TRUE)
  line <- max(graphics::strwidth(labels, "inches")) / graphics::par("csi") + 1.5
  graphics::title(ylab = ylab, line = min(max(graphics::par("mgp")[1], line), graphics::par("mar")[2] - 1.1))
  function() {
    if (length(words) == 0) {
      return(invisible())
    }
    y <- top * (1 - height * (line - 0.5))
    graphics::segments(thresholds, 0, thresholds, y, lty = 3)
    half <- top * height / 2
    graphics::rect(at - width / 2, y - half, at + width / 2, y + half, col = paper_colour(), border = NA)
    graphics::text(at, y, words, cex = 0.8)
  }
}

split_by_label <- function(x, label) {
  values <- x$confidence
  if (is.null(label)) {
    return(list(sessions = values[!is.na(values)]))
  }
  kinds <- list(
    `live person` = x[[label]] %in% TRUE,
    attack = x[[label]] %in% FALSE,
    `not reviewed` = is.na(x[[label]])
  )
  groups <- lapply(kinds, function(is_kind) values[is_kind & !is.na(values)])
  groups[lengths(groups) > 0 | names(groups) != "not reviewed"]
}

left_out <- function(x) {
  without <- sum(is.na(x$confidence))
  all <- count_of(nrow(x), "session")
  if (without > 0) paste0(all, ", ", whole(without), " of them without a confidence") else all
}
