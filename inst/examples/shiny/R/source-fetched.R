# The sessions that a page has fetched from the service. They and their reviews last as long as the page.

fetched_source <- function(svc, title) {
  results <- liveness_results(character(), svc)
  reviews <- no_reviews()
  # With the images that the service has stored in S3, as far as they can be fetched.
  with_images <- function(rows) {
    tryCatch(liveness_images(rows, svc, progress = FALSE), rekognition_error = function(e) rows)
  }
  list(
    title = title,
    sessions = function() newest_sessions(results),
    images = function(row) {
      row <- with_images(row)
      list(row$reference_image[[1]], row$audit_images[[1]])
    },
    reviews = function() reviews,
    add_review = function(session_id, reviewer, label, note) {
      reviews[nrow(reviews) + 1, ] <<- list(session_id, reviewer, label, note, time_text(Sys.time()))
    },
    with_images = with_images,
    fetch = function(ids) results <<- fetch(results, ids, svc)
  )
}

# Images stay in memory as long as the page is open.
max_fetched <- 500

# The results with these sessions added. Sessions that have ended are not fetched again: the service deletes them.
fetch <- function(results, ids, svc) {
  ids <- unique(ids[nzchar(ids)])
  if (length(union(ids, results$session_id)) > max_fetched) {
    stop("This page is limited to ", max_fetched, " sessions. Reload it to start over.")
  }
  ended <- results$session_id[results$status %in% c("SUCCEEDED", "FAILED", "EXPIRED")]
  new <- liveness_results(setdiff(ids, ended), svc, progress = FALSE)
  # An error does not replace an earlier result.
  new <- new[!is.na(new$status) | !new$session_id %in% results$session_id, ]
  all <- rbind(results, new)
  all <- all[!duplicated(all$session_id, fromLast = TRUE), ]
  all[order(match(all$session_id, c(results$session_id, ids))), ]
}

# Sessions with all kinds of results, for the emulator. The last one does not exist.
make_demo_sessions <- function(svc, emulator) {
  outcomes <- list(
    list(confidence = 99.31),
    list(confidence = 97.02),
    list(confidence = 93.58),
    list(confidence = 86.4, feedback = "LOW_LIGHTING_DETECTED"),
    list(confidence = 61.75),
    list(confidence = 12.06, feedback = c("FACE_NOT_ALIGNED", "EYES_CLOSED_DETECTED")),
    list(status = "FAILED"),
    list(status = "EXPIRED"),
    list(status = "IN_PROGRESS")
  )
  ids <- vapply(
    outcomes,
    function(outcome) {
      id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))$SessionId
      do.call(emulator$check, c(id, outcome))
      id
    },
    ""
  )
  c(ids, "00000000-0000-4000-8000-000000000000")
}
