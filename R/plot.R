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

#' @rdname liveness_image
#' @param units `"ratio"` or `"pixel"`: what the sides of the box are; `"auto"` decides by their size.
#' @param caption String above the picture; by default where the image came from.
#' @export
plot.liveness_image <- function(x, units = c("auto", "ratio", "pixel"), caption = NULL, ...) {
  call <- quote(plot(...))
  units <- check_choice(units, c("auto", "ratio", "pixel"), "units", call)
  caption <- check_string_or_null(caption, "caption", call)
  if (is.null(caption)) {
    caption <- attr(x, "origin")
  }
  old <- graphics::par(mar = c(0.5, 0.5, if (is.null(caption)) 0.5 else 2.5, 0.5))
  on.exit(graphics::par(old))
  picture <- if (length(x$Bytes) > 0) as_picture(x, call)
  draw_image(x, picture, units, caption)
  invisible(x)
}

# `picture` is the raster, or a string that says why there is none.
draw_image <- function(image, picture, units, caption) {
  size <- if (inherits(picture, "raster")) c(ncol(picture), nrow(picture)) else c(3, 4)
  sides <- box_sides(image, units)
  # The box is seen also where it is outside the picture, but not so that the picture becomes small.
  beyond <- pmin(0.5, pmax(0, if (is.null(sides)) numeric(4) else c(-sides[1:2], sides[3:4] - 1)))
  graphics::plot.new()
  graphics::plot.window(
    size[1] * c(-beyond[1], 1 + beyond[3]),
    size[2] * c(1 + beyond[4], -beyond[2]),
    xaxs = "i",
    yaxs = "i",
    asp = 1
  )
  if (inherits(picture, "raster")) {
    graphics::rasterImage(picture, 0, size[2], size[1], 0)
  } else {
    why <- if (is.null(picture)) c(s3_address(image$S3Object), "no image")[1] else picture
    graphics::rect(0, 0, size[1], size[2], border = palette_of("not reviewed"), lty = 3)
    draw_words(why, size[1] / 2, size[2] / 2, size[1])
  }
  if (!is.null(sides)) {
    at <- sides * size[c(1, 2, 1, 2)]
    # Two lines, of which one is seen on whatever is below.
    graphics::rect(at[1], at[4], at[3], at[2], border = "black", lwd = 4)
    graphics::rect(at[1], at[4], at[3], at[2], border = "#F0E442", lwd = 2)
  }
  if (!is.null(caption)) {
    graphics::title(
      main = fit_words(caption, graphics::par("pin")[1]),
      font.main = 1,
      cex.main = 1,
      line = 0.5
    )
  }
}

# Words in the middle of a frame, in several lines if they are too long, also where there is no space.
draw_words <- function(words, x, y, width, cex = 0.9) {
  whole <- graphics::strwidth(words, cex = cex)
  if (whole > 0.9 * width) {
    most <- max(4, floor(nchar(words) * 0.8 * width / whole))
    lines <- strwrap(words, most)
    lines <- unlist(lapply(lines, function(line) {
      starts <- seq(1, nchar(line), by = most)
      substring(line, starts, starts + most - 1)
    }))
    words <- paste(lines, collapse = "\n")
  }
  graphics::text(x, y, words, cex = cex)
}

# Each line cut so that it is no longer than so many inches.
fit_words <- function(words, inches) {
  lines <- strsplit(words, "\n")[[1]]
  cut <- vapply(
    lines,
    function(line) {
      while (nchar(line) > 4 && graphics::strwidth(line, "inches") > inches) {
        line <- paste0(substr(line, 1, nchar(line) - 4), "...")
      }
      line
    },
    ""
  )
  paste(cut, collapse = "\n")
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
#' are left out; the plot says how many. There is no default threshold: AWS gives none, since it depends on what is at
#' stake.
#'
#' @param x Results of [liveness_results()].
#' @param type What to show.
#' @param thresholds Numbers from 0 to 100, for `"confidence"` and `"threshold"`.
#' @param label Name of a logical column of `x`: `TRUE` for a live person, `FALSE` for an attack, `NA` for a session
#'   that was not reviewed.
#' @param n The most sessions in a gallery.
#' @param units Of the boxes in a gallery: see [liveness_image()].
#' @param main String: a title, for `"confidence"` and `"threshold"`.
#' @param ... Not used.
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
  thresholds = NULL,
  label = NULL,
  n = 12,
  units = c("auto", "ratio", "pixel"),
  main = NULL,
  ...
) {
  call <- quote(plot(...))
  check_options(list(...), list(), names(formals(plot.liveness_results))[2:7], "plot()", call)
  main <- check_string_or_null(main, "main", call)
  type <- check_choice(type, c("gallery", "confidence", "threshold"), "type", call)
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
      gettextf("The first %s of %s sessions", nrow(shown), nrow(x)),
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
  verdict <- as.character(if (is.na(row$status)) row[["error_code"]] else row$status)
  score <- row[["confidence"]]
  score <- if (is.numeric(score) && !is.na(score)) format(score, digits = 4)
  paste0(paste(c(score, verdict), collapse = " "), "\n", row$session_id)
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
  count <- function(n, one, many) paste0(" (", n, " ", if (n == 1) one else many, ")")
  legend_above(
    c(
      paste0("FA: false accept", count(curve$attacks[1], "attack", "attacks")),
      paste0("FR: false reject", count(curve$live[1], "live person", "live persons"))
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
  graphics::title(xlab = xlab, ylab = ylab, sub = sub, cex.sub = 0.8)
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
  all <- paste(nrow(x), if (nrow(x) == 1) "session" else "sessions")
  if (without > 0) paste0(all, ", ", without, " of them without a confidence") else all
}

# A share that is not nothing is not called so, and one that is not all is not called all.
percent <- function(share) {
  rounded <- pmin(99.9, pmax(0.1, round(100 * share, 1)))
  text <- paste(format(rounded, trim = TRUE, drop0trailing = TRUE, digits = 4), "%")
  text <- ifelse(share > 0 & share < 0.001, "< 0.1 %", ifelse(share < 1 & share > 0.999, "> 99.9 %", text))
  ifelse(is.nan(share), "-", ifelse(share == 0, "0 %", ifelse(share == 1, "100 %", text)))
}
