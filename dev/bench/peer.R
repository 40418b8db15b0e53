# The protocol of a peer, for peers in R: see src/peer.rs.

# one(id) and detect(image) make one call; many(ids, concurrency, dir) and map(files, concurrency) make many and return
# how many have failed.
run_jobs <- function(one, many, detect, map) {
  image_path <- commandArgs(TRUE)[2]
  image <- readBin(image_path, "raw", file.size(image_path))
  jobs <- file("stdin", "r")
  writeLines("ready")
  repeat {
    line <- readLines(jobs, 1)
    if (length(line) == 0) {
      break
    }
    words <- strsplit(line, " ", fixed = TRUE)[[1]]
    # boto3 requires ids of 36 characters.
    numbers <- formatC(
      seq_len(as.integer(words[2])) - 1,
      width = 35 - nchar(words[1]),
      flag = "0",
      format = "d"
    )
    ids <- paste0(words[1], "-", numbers)
    concurrency <- as.integer(words[3])
    dir <- if (length(words) > 3 && words[4] != "-") words[4]
    lost <- 0
    if (concurrency == 1) {
      call <- if (words[1] == "image") function(id) detect(image) else one
      times <- numeric(length(ids))
      for (i in seq_along(ids)) {
        started <- nanoseconds()
        good <- call(ids[i])
        times[i] <- (nanoseconds() - started) / 1e9
        lost <- lost + !good
      }
    } else {
      started <- nanoseconds()
      lost <- if (words[1] == "map") {
        map(list.files(dir, full.names = TRUE), concurrency)
      } else {
        many(ids, concurrency, dir)
      }
      times <- (nanoseconds() - started) / 1e9
    }
    cat(lost, times, "\n")
  }
}

# Sys.time() has a resolution of microseconds, which is enough.
nanoseconds <- function() as.numeric(Sys.time()) * 1e9
