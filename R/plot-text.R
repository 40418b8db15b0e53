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

# Each line truncated to a width in inches.
fit_text <- function(text, inches) {
  lines <- clean_text(utils::head(strsplit(text, "\n", fixed = TRUE)[[1]], 3))
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
  paste(fitted, collapse = "\n")
}

# The line, counted from the top, of each label, so that labels centered at `at` do not overlap.
stack_labels <- function(at, width) {
  width <- rep(width, length.out = length(at))
  line <- numeric(length(at))
  ends <- numeric()
  # `at` can be NULL.
  for (i in order(as.double(at))) {
    line[i] <- c(which(ends <= at[i] - width[i] / 2), length(ends) + 1)[1]
    ends[line[i]] <- at[i] + width[i] / 2
  }
  line
}
