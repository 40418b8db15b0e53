# Text in plots, made to fit.

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
  lines <- clean_text(utils::head(strsplit(words, "\n", fixed = TRUE)[[1]], 3))
  cut <- vapply(
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
  paste(cut, collapse = "\n")
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
