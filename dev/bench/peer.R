# What a peer in R is told on stdin and says on stdout, one line each: see src/peer.rs.

obey <- function(one, many) {
  orders <- file("stdin", "r")
  writeLines("ready")
  repeat {
    line <- readLines(orders, 1)
    if (length(line) == 0) {
      break
    }
    words <- strsplit(line, " ", fixed = TRUE)[[1]]
    # boto3 wants ids of 36 characters.
    numbers <- formatC(
      seq_len(as.integer(words[2])) - 1,
      width = 35 - nchar(words[1]),
      flag = "0",
      format = "d"
    )
    ids <- paste0(words[1], "-", numbers)
    at_once <- as.integer(words[3])
    dir <- if (length(words) > 3 && words[4] != "-") words[4]
    lost <- 0
    if (at_once == 1) {
      times <- numeric(length(ids))
      for (i in seq_along(ids)) {
        started <- nanoseconds()
        good <- one(ids[i])
        times[i] <- (nanoseconds() - started) / 1e9
        lost <- lost + !good
      }
    } else {
      started <- nanoseconds()
      lost <- many(ids, at_once, dir)
      times <- (nanoseconds() - started) / 1e9
    }
    cat(lost, times, "\n")
  }
}

# Sys.time() has microseconds, and microseconds are what is measured.
nanoseconds <- function() as.numeric(Sys.time()) * 1e9
