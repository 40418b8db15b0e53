# The lock of `reviews.jsonl`: an empty folder. Creating a folder fails for all processes but one.

# Seconds after which a lock belongs to no running process, and seconds for which this process waits for one.
max_lock_age <- 60
max_lock_wait <- 70

# Returns the lock's path and the time of its creation, by which release_lock() recognizes it.
take_lock <- function(path, call) {
  began <- Sys.time()
  while (!dir.create(path, showWarnings = FALSE, mode = "0700")) {
    if (is_foreign(path)) {
      message <- gettextf(
        "Cannot lock the reviews: %s is not an empty folder. Delete it if it is not needed.",
        clean_text(path)
      )
      stop_file(path, message, call)
    }
    if (is_abandoned(path) && delete_abandoned(path)) {
      next
    }
    is_writable <- file.access(dirname(path), 2) == 0
    if (!is_writable || seconds_since(began) >= max_lock_wait) {
      stop_locked(path, call)
    }
    Sys.sleep(0.02)
  }
  list(path = path, created = file.mtime(path))
}

# The lock as if it had just been taken. An error if another process has taken it over.
renew_lock <- function(lock, call) {
  if (!identical(file.mtime(lock$path), lock$created)) {
    message <- gettextf("Another process has taken over the lock %s. Try again.", clean_text(lock$path))
    stop_file(lock$path, message, call)
  }
  Sys.setFileTime(lock$path, Sys.time())
  list(path = lock$path, created = file.mtime(lock$path))
}

# If this process was suspended, another one may have replaced the lock by its own.
release_lock <- function(lock) {
  if (identical(file.mtime(lock$path), lock$created)) {
    delete_folder(lock$path)
  }
}

# Whether something other than an empty folder is there. It is not a lock, and is not deleted.
is_foreign <- function(path) {
  path_kind(path_bytes(path)) == "link" || isFALSE(file.info(path)$isdir) || length(files_of(path)) > 0
}

is_abandoned <- function(path) {
  isTRUE(seconds_since(file.mtime(path)) > max_lock_age)
}

# Another process may have replaced it by its own in the meantime. So it is renamed first, and then looked at again.
delete_abandoned <- function(path) {
  renamed <- tempfile(paste0(basename(path), "-"), dirname(path))
  if (!suppressWarnings(file.rename(path, renamed))) {
    return(FALSE)
  }
  is_lock <- is_abandoned(renamed) && !is_foreign(renamed)
  if (is_lock) {
    delete_folder(renamed)
  } else {
    file.rename(renamed, path)
  }
  is_lock
}

# Only if it is empty. file.remove() does not delete folders on Windows, and unlink() deletes what is in them.
delete_folder <- function(path) {
  if (.Platform$OS.type != "windows") {
    suppressWarnings(file.remove(path))
  } else if (length(files_of(path)) == 0) {
    unlink(path, recursive = TRUE, expand = FALSE)
  }
}

stop_locked <- function(path, call) {
  message <- if (dir.exists(path)) {
    utc <- function(time) format(time, "%Y-%m-%d %H:%M:%S", tz = "UTC")
    gettextf(
      "The reviews are locked: folder %s was created at %s UTC (now it is %s). If no process uses it, delete it.",
      clean_text(path),
      utc(file.mtime(path)),
      utc(Sys.time())
    )
  } else {
    gettextf("Cannot create folder %s.", clean_text(path))
  }
  stop_file(path, message, call)
}

seconds_since <- function(time) {
  as.double(difftime(Sys.time(), time, units = "secs"))
}

files_of <- function(folder) {
  list.files(folder, all.files = TRUE, no.. = TRUE)
}
