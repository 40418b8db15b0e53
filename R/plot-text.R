# Text in plots, fitted to the space it has.

# Text centered in a frame, on several lines if it is too long for one. Long words are broken.
draw_text <- function(text, x, y, width, cex = 0.9) {
  text_width <- graphics::strwidth(text, cex = cex)
  if (text_width > 0.9 * width) {
    max_chars <- max(4, floor(nchar(text) * 0.8 * width / text_width))
    lines <- strwrap(text, max_chars)
    lines <- unlist(lapply(lines, function(line) {
      starts <- seq(1, nchar(line), by = max_chars)
      substring(line, starts, starts + max_chars - 1)
    }))
    text <- paste(lines, collapse = "\n")
  }
  graphics::text(x, y, text, cex = cex)
}

# The text with its size (`cex`), smaller so that its lines fit into a width in inches. Lines that are far too long are
# truncated instead.
fit_text <- function(text, inches, smallest = 0.7) {
  lines <- clean_text(utils::head(strsplit(text, "\n", fixed = TRUE)[[1]], 3))
  needed <- inches / graphics::strwidth(lines, "inches")
  cex <- min(1, needed[needed >= smallest])
  inches <- 1.001 * inches / cex
  fitted <- vapply(
    lines,
    function(line) {
      if (graphics::strwidth(line, "inches") <= inches) {
        return(line)
      }
      shorter <- paste0(substring(line, 1, seq_len(nchar(line))), "...")
      shorter[max(1, which(graphics::strwidth(shorter, "inches") <= inches))]
    },
    ""
  )
  list(text = paste(fitted, collapse = "\n"), cex = cex)
}

# Below the title of the horizontal axis: smaller, and then on two lines, if the page is narrow.
draw_sub <- function(text) {
  page <- 0.96 * graphics::par("fin")[1]
  fitting <- function(lines) page / max(graphics::strwidth(lines, "inches"))
  lines <- if (fitting(text) < 0.6) strsplit(text, "; ", fixed = TRUE)[[1]] else text
  cex <- min(0.8, fitting(lines), if (length(lines) > 1) 0.55)
  # The last line ends at the edge of the page.
  line <- 4.8 - cex + (seq_along(lines) - length(lines)) * 1.1 * cex
  middle <- graphics::grconvertX(0.5, "nfc", "user")
  graphics::mtext(lines, side = 1, line = line, at = middle, cex = cex * graphics::par("cex"))
}

# Where the labels of vertical lines are: to the left of its line (-1) or to the right (1), and in which row, counted from
# the top. Lines begin at the row of their label. No label is over a line or another label, if that is possible within
# the limits `from` and `to`.
place_labels <- function(at, width, from, to) {
  side <- rep(-1, length(at))
  # A label to the right of its line is over the lines up to here.
  reached <- -Inf
  # `at` can be NULL.
  for (i in order(as.double(at))) {
    if ((at[i] - width[i] < from || at[i] < reached) && at[i] + width[i] <= to) {
      side[i] <- 1
      reached <- at[i] + width[i]
    }
  }
  left <- at - ifelse(side < 0, width, 0)
  right <- left + width
  row <- rep(NA_integer_, length(at))
  # The outermost labels first: a line that is under a label begins below it.
  for (i in order(side, side * as.double(at))) {
    is_placed <- !is.na(row)
    over_line <- c(0L, row[is_placed & left < at[i] & right > at[i]])
    overlapping <- row[is_placed & left < right[i] & right > left[i]]
    row[i] <- min(setdiff(max(over_line) + seq_len(length(at)), overlapping))
  }
  data.frame(side = side, row = row)
}
