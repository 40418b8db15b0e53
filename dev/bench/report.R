# Writes dev/bench/results.json as a table, into README.Rmd, README.md and dev/bench/README.md, and as a plot.

report <- jsonlite::read_json("dev/bench/results.json", simplifyVector = TRUE)
results <- report$results
labels <- c(
  rekognition = "rekognition",
  boto3 = "boto3",
  sdk = "AWS SDK for Rust",
  plain = "curl + jsonlite",
  bytes = "raw bytes"
)

value <- function(case, peer, what = "seconds", column = "median") {
  found <- results[results$case == case & results$peer == peer & results$what == what, column]
  if (length(found) == 0) NA else found
}
milliseconds <- function(x, digits = 2) formatC(1000 * x, format = "f", digits = digits)
spread <- function(case, peer, digits = 2) {
  paste0(
    milliseconds(value(case, peer), digits),
    " (",
    milliseconds(value(case, peer, column = "low"), digits),
    "-",
    milliseconds(value(case, peer, column = "high"), digits),
    ")"
  )
}
cells <- function(format) vapply(names(labels), function(peer) format(peer), "")
or_blank <- function(peer, case, text) if (is.na(value(case, peer))) "" else text
rows <- list(
  c(
    "load and create a client, ms",
    cells(function(p) or_blank(p, "load", milliseconds(value("load", p), 0)))
  ),
  c("first call, extra time, ms", cells(function(p) milliseconds(value("first", p), 1))),
  c("small response, ms", cells(function(p) spread("small", p))),
  c(
    "... ratio to boto3",
    cells(function(p) {
      formatC(value("small", p) / value("small", "boto3"), format = "f", digits = 2)
    })
  ),
  c("... CPU, ms", cells(function(p) milliseconds(value("small", p, "cpu")))),
  c("1 + 4 images of 150 kB, ms", cells(function(p) spread("large", p))),
  c(
    "... ratio to boto3",
    cells(function(p) {
      formatC(value("large", p) / value("large", "boto3"), format = "f", digits = 2)
    })
  ),
  c("... CPU, ms", cells(function(p) milliseconds(value("large", p, "cpu")))),
  c(
    "200 of those in sequence: memory, MB",
    cells(function(p) {
      formatC(value("memory", p, "memory"), format = "f", digits = 0)
    })
  ),
  c(
    "200 of those, 16 at a time, latency 50 ms, s",
    cells(function(p) {
      formatC(value("late", p), format = "f", digits = 2)
    })
  ),
  c("an image of 5 MB, sent, ms", cells(function(p) spread("image", p, 1))),
  c(
    "... ratio to boto3",
    cells(function(p) {
      formatC(value("image", p) / value("image", "boto3"), format = "f", digits = 2)
    })
  ),
  c("... CPU, ms", cells(function(p) milliseconds(value("image", p, "cpu"), 1))),
  c(
    "... memory, MB",
    cells(function(p) {
      formatC(value("image_memory", p, "memory"), format = "f", digits = 0)
    })
  ),
  c(
    "400 sessions, limit 50 per second, s",
    cells(function(p) {
      or_blank(p, "limited", formatC(value("limited", p), format = "f", digits = 1))
    })
  ),
  c("... sessions lost", cells(function(p) or_blank(p, "limited", format(value("limited", p, "lost"))))),
  c("... requests", cells(function(p) or_blank(p, "limited", format(value("limited", p, "requests"))))),
  c(
    "5,000 unknown sessions, s",
    cells(function(p) {
      or_blank(p, "unknown", formatC(value("unknown", p), format = "f", digits = 1))
    })
  ),
  c(
    "10,000 sessions, images saved to files, s",
    cells(function(p) {
      or_blank(p, "files", formatC(value("files", p), format = "f", digits = 0))
    })
  ),
  c(
    "... memory, MB",
    cells(function(p) {
      or_blank(p, "files", formatC(value("files", p, "memory"), format = "f", digits = 0))
    })
  ),
  c(
    "2,000 files of 100 kB, 16 at a time, s",
    cells(function(p) {
      or_blank(p, "map", formatC(value("map", p), format = "f", digits = 1))
    })
  ),
  c(
    "... memory, MB",
    cells(function(p) {
      or_blank(p, "map", formatC(value("map", p, "memory"), format = "f", digits = 0))
    })
  ),
  c(
    "a frame of 125 kB of video, passed on to the service: R is held for, ms",
    cells(function(p) or_blank(p, "frame", spread("frame", p)))
  ),
  c(
    "a report of 2,000 sessions with 6,000 images of 80 kB: written, s",
    cells(function(p) or_blank(p, "report", formatC(value("report", p), format = "f", digits = 0)))
  ),
  c(
    "... its size, MB",
    cells(function(p) or_blank(p, "report", formatC(value("report", p, "size"), format = "f", digits = 0)))
  ),
  c(
    "... opened in Chromium, s",
    cells(function(p) or_blank(p, "report", formatC(value("report", p, "open"), format = "f", digits = 1)))
  )
)
# Without the cases that results.json does not have.
rows <- Filter(function(row) any(nzchar(row[-1])), rows)
line <- function(cells) paste0("| ", paste(cells, collapse = " | "), " |")
table <- c(
  line(c("", labels)),
  line(c("---", rep("---:", length(labels)))),
  vapply(rows, line, "", USE.NAMES = FALSE),
  "",
  paste0("Medians (10th to 90th percentile) of one run on loopback: ", report$machine, ", ", report$date, ".")
)
for (file in c("README.Rmd", "README.md", "dev/bench/README.md")) {
  text <- readLines(file)
  from <- which(text == "<!-- benchmark -->")
  to <- which(text == "<!-- /benchmark -->")
  writeLines(c(text[1:from], table, text[to:length(text)]), file)
}
writeLines(table)

grDevices::png("man/figures/benchmark.png", width = 900, height = 460, res = 110)
graphics::par(mfrow = c(1, 2), mar = c(3.2, 7.2, 2.4, 1), las = 1, mgp = c(2, 0.6, 0))
colors <- c("#0072B2", "#D55E00", "#E69F00", "#999999", "#CCCCCC")
for (case in c("small", "large")) {
  times <- 1000 * vapply(names(labels), function(peer) value(case, peer), 1)
  low <- 1000 * vapply(names(labels), function(peer) value(case, peer, column = "low"), 1)
  high <- 1000 * vapply(names(labels), function(peer) value(case, peer, column = "high"), 1)
  at <- graphics::barplot(
    rev(times),
    horiz = TRUE,
    names.arg = rev(labels),
    col = rev(colors),
    border = NA,
    xlim = c(0, max(high) * 1.2),
    xlab = "milliseconds per call",
    main = c(small = "Small response", large = "1 + 4 images of 150 kB")[[case]],
    cex.names = 0.85,
    cex.main = 1
  )
  graphics::segments(rev(low), at, rev(high), at, col = "#333333")
  text <- formatC(rev(times), format = "fg", digits = 2)
  graphics::text(rev(high), at, text, pos = 4, cex = 0.8, xpd = NA)
}
invisible(grDevices::dev.off())
