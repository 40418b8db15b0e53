# What the back end and the console read and write. database.R connects and runs the statements.
# Times in ISO 8601 have a fixed width, so that text compares as time does.

# The check starts -----------------------------------------------------------------------------------------------------

# Reserves a check for a user, before the service creates the session. Returns 0, or the number of seconds to wait if the
# user has started too many checks without passing. A check that is still running counts until it is passed: otherwise, a
# user could run many at once. An attempt without a session counts for half a minute. `limit`: after `attempts` checks
# within `within` seconds, there is a pause of `pause` seconds.
start_attempt <- function(
  db,
  attempt_id,
  user_id,
  limit = list(attempts = 5, within = 180, pause = 1800),
  now = Sys.time()
) {
  transaction(db, function() {
    # In PostgreSQL, this locks the row even if it exists: a second request of the user waits here, in every process.
    run_statement(
      db,
      "INSERT INTO users (user_id, created_at) VALUES ($1, $2)
       ON CONFLICT (user_id) DO UPDATE SET created_at = users.created_at",
      user_id,
      time_text(now)
    )
    latest <- run_query(
      db,
      "SELECT a.started_at FROM attempts a
       LEFT JOIN sessions s ON s.create_request_id = a.attempt_id
       LEFT JOIN verdicts v ON v.session_id = s.session_id
       WHERE a.user_id = $1 AND a.attempt_id <> $2 AND (v.verdict IS NULL OR v.verdict = 'fail')
         AND (s.session_id IS NOT NULL OR a.started_at > $3) AND a.started_at < $4
       ORDER BY a.started_at DESC LIMIT $5",
      user_id,
      attempt_id,
      time_text(now - 30),
      # Later ones are from a clock that was wrong.
      time_text(now + 300),
      limit$attempts
    )
    times <- as.numeric(time_of(latest$started_at))
    if (length(times) == limit$attempts && times[1] - times[length(times)] <= limit$within) {
      seconds <- times[1] + limit$pause - as.numeric(now)
      if (seconds > 0) {
        return(ceiling(seconds))
      }
    }
    run_statement(
      db,
      "INSERT INTO attempts (attempt_id, user_id, started_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      attempt_id,
      user_id,
      time_text(now)
    )
    0
  })
}

# The service did not create the session.
cancel_attempt <- function(db, attempt_id) {
  transaction(db, function() run_statement(db, "DELETE FROM attempts WHERE attempt_id = $1", attempt_id))
}

# `request_id`: the ClientRequestToken of the session, and the ID of its attempt.
add_session <- function(db, session_id, user_id, region, request_id, now = Sys.time()) {
  transaction(db, function() {
    run_statement(
      db,
      "INSERT INTO users (user_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
      user_id,
      time_text(now)
    )
    added <- run_statement(
      db,
      "INSERT INTO sessions (session_id, user_id, region, created_at, create_request_id)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
      session_id,
      user_id,
      region,
      time_text(now),
      request_id
    )
    if (added > 0) {
      add_audit(db, user_id, "session created", session_id, request_id, now)
    }
    added > 0
  })
}

# The check ends -------------------------------------------------------------------------------------------------------

# The owner, age and verdict of a session, in a data frame with one row, or none. The verdict is NA if there is none yet.
find_session <- function(db, session_id) {
  query_database(
    db,
    "SELECT s.session_id, s.user_id, s.region, s.created_at, v.verdict
     FROM sessions s LEFT JOIN verdicts v ON v.session_id = s.session_id WHERE s.session_id = $1",
    session_id
  )
}

# Sessions without a verdict that were created from `since` until `before`, the oldest first.
undecided_sessions <- function(db, before, region, limit = 100, since = .POSIXct(0)) {
  query_database(
    db,
    "SELECT s.session_id FROM sessions s LEFT JOIN verdicts v ON v.session_id = s.session_id
     WHERE v.session_id IS NULL AND s.created_at < $1 AND s.region = $2 AND s.created_at >= $3
     ORDER BY s.created_at LIMIT $4",
    time_text(before),
    region,
    time_text(since),
    limit
  )$session_id
}

# Records a verdict with the result that it is based on, a row of liveness_results(). `decision`: the thresholds, such as
# c(review = 80, pass = 95) or c(pass = 90). Returns TRUE only for the first call in all processes. The others read the
# recorded verdict with find_session().
record_verdict <- function(
  db,
  session_id,
  verdict,
  result,
  decision,
  reason = NA,
  actor = "back end",
  now = Sys.time()
) {
  transaction(db, function() {
    recorded <- run_statement(
      db,
      "INSERT INTO verdicts
         (session_id, verdict, confidence, review_threshold, pass_threshold, reason, request_id, decided_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
      session_id,
      verdict,
      result$confidence,
      decision["review"],
      decision[["pass"]],
      reason,
      result$request_id,
      time_text(now)
    )
    if (recorded == 0) {
      return(FALSE)
    }
    # The service deletes a session after three minutes.
    run_statement(
      db,
      "UPDATE sessions SET status = $2, challenge_type = $3, challenge_version = $4 WHERE session_id = $1",
      session_id,
      if (identical(result$error_code, "SessionNotFoundException")) "EXPIRED" else result$status,
      result$challenge_type,
      result$challenge_version
    )
    add_images(db, session_id, result)
    add_audit(db, actor, "verdict recorded", session_id, result$request_id, now)
    TRUE
  })
}

# `result_row`: a row of liveness_results().
add_images <- function(db, session_id, result_row) {
  audit_images <- as.list(result_row$audit_images[[1]])
  images <- c(list(result_row$reference_image[[1]]), audit_images)
  names(images) <- c("reference", if (length(audit_images) > 0) paste0("audit-", seq_along(audit_images)))
  images <- Filter(function(image) length(image$Bytes) > 0 || length(image$S3Object$Bucket) > 0, images)
  statement <- sprintf(
    "INSERT INTO images (session_id, name, type, bytes, box, s3_bucket, s3_name, s3_version)
     VALUES ($1, $2, $3, %s, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    bytes_value(db, "$4")
  )
  transaction(db, function() {
    for (name in names(images)) {
      image <- images[[name]]
      or_null <- function(text) if (length(text) == 1) text else NA_character_
      run_statement(
        db,
        statement,
        session_id,
        name,
        image_type(image$Bytes),
        image$Bytes,
        box_text(image$BoundingBox),
        or_null(image$S3Object$Bucket),
        or_null(image$S3Object$Name),
        or_null(image$S3Object$Version)
      )
    }
  })
  invisible(length(images))
}

image_type <- function(bytes) {
  if (length(bytes) < 4) {
    NA_character_
  } else if (identical(bytes[1:2], as.raw(c(0xff, 0xd8)))) {
    "image/jpeg"
  } else if (identical(bytes[1:4], as.raw(c(0x89, 0x50, 0x4e, 0x47)))) {
    "image/png"
  } else {
    "application/octet-stream"
  }
}

box_text <- function(box) {
  box <- Filter(length, box)
  if (length(box) == 0) {
    return(NA_character_)
  }
  sprintf("{%s}", paste(sprintf('"%s":%.17g', names(box), unlist(box)), collapse = ","))
}

# What is stored -------------------------------------------------------------------------------------------------------

# A page of the sessions, the newest first: the columns of liveness_results() that reports and plots use, without images,
# and the user and verdict.
stored_sessions <- function(db, limit = 1000, offset = 0) {
  x <- query_database(
    db,
    "SELECT s.session_id, s.status, v.confidence,
       (SELECT count(*) FROM images i WHERE i.session_id = s.session_id AND i.name <> 'reference') AS n_audit_images,
       s.challenge_type, s.challenge_version, v.request_id, v.decided_at AS retrieved_at, s.region, s.user_id,
       s.created_at, v.verdict, v.review_threshold, v.pass_threshold, v.reason
     FROM sessions s LEFT JOIN verdicts v ON v.session_id = s.session_id
     ORDER BY s.created_at DESC, s.session_id LIMIT $1 OFFSET $2",
    limit,
    offset
  )
  numbers <- c("confidence", "review_threshold", "pass_threshold")
  x[numbers] <- lapply(x[numbers], as.numeric)
  x$n_audit_images <- as.integer(x$n_audit_images)
  x$retrieved_at <- time_of(as.character(x$retrieved_at))
  x$created_at <- time_of(as.character(x$created_at))
  x$verdict <- factor(x$verdict, c("pass", "review", "fail"))
  x
}

count_sessions <- function(db) {
  as.numeric(query_database(db, "SELECT count(*) AS n FROM sessions")$n)
}

# A list of `reference_image`, NULL if there is none, and `audit_images`: images as in a row of liveness_results().
stored_images <- function(db, session_id) {
  statement <- sprintf(
    "SELECT name, %s, box, s3_bucket, s3_name, s3_version FROM images WHERE session_id = $1 ORDER BY name",
    bytes_column(db)
  )
  rows <- query_database(db, statement, session_id)
  images <- lapply(seq_len(nrow(rows)), function(i) {
    or_empty <- function(name) if (is.na(rows[[name]][i])) character() else rows[[name]][i]
    rekognition::liveness_image(list(
      Bytes = bytes_of(rows$bytes, i),
      S3Object = list(
        Bucket = or_empty("s3_bucket"),
        Name = or_empty("s3_name"),
        Version = or_empty("s3_version")
      ),
      BoundingBox = if (is.na(rows$box[i])) list() else jsonlite::fromJSON(rows$box[i])
    ))
  })
  is_reference <- rows$name == "reference"
  list(
    reference_image = if (any(is_reference)) images[[which(is_reference)]],
    audit_images = images[!is_reference]
  )
}

# Reviews --------------------------------------------------------------------------------------------------------------

# `label`: "live", "attack", or NA to take the label back. FALSE if the session is not stored.
add_review <- function(db, session_id, reviewer, label, note = NA, now = Sys.time()) {
  # This takes none of R's random numbers.
  key <- basename(tempfile(sprintf("%.6f-", as.numeric(Sys.time()))))
  transaction(db, function() {
    run_statement(
      db,
      "INSERT INTO reviewers (reviewer_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
      reviewer,
      time_text(now)
    )
    added <- run_statement(
      db,
      "INSERT INTO reviews (session_id, reviewer_id, label, note, reviewed_at, review_key)
       SELECT session_id, $2, $3, $4, $5, $6 FROM sessions WHERE session_id = $1 ON CONFLICT DO NOTHING",
      session_id,
      reviewer,
      c(label, NA)[1],
      c(note, NA)[1],
      time_text(now),
      key
    )
    if (added > 0) {
      add_audit(db, reviewer, "review added", session_id, NA, now)
    }
    nrow(run_query(db, "SELECT review_id FROM reviews WHERE review_key = $1", key)) > 0
  })
}

# All reviews in the order in which they were added: the last one of a session counts.
stored_reviews <- function(db) {
  x <- query_database(
    db,
    "SELECT session_id, reviewer_id AS reviewer, label, note, reviewed_at FROM reviews ORDER BY review_id"
  )
  x[c("label", "note")] <- lapply(x[c("label", "note")], as.character)
  x$reviewed_at <- time_of(as.character(x$reviewed_at))
  x
}

# Audit and retention --------------------------------------------------------------------------------------------------

add_audit <- function(db, actor, action, session_id, detail, now) {
  run_statement(
    db,
    "INSERT INTO audit (at, actor, action, session_id, detail) VALUES ($1, $2, $3, $4, $5)",
    time_text(now),
    actor,
    action,
    session_id,
    detail
  )
}

# A number that grows with each change. In PostgreSQL, the highest ID can be committed before lower ones.
change_stamp <- function(db) {
  statement <- "SELECT coalesce(sum(audit_id), 0) AS stamp
    FROM (SELECT audit_id FROM audit ORDER BY audit_id DESC LIMIT 1000) AS newest"
  as.numeric(query_database(db, statement)$stamp)
}

# TRUE if this process, `holder`, is to do the work `name` for the next `seconds`. If it does not renew the lease, another
# process takes over. A lease that ends much later is from a clock that was wrong.
take_lease <- function(db, name, holder, seconds, now = Sys.time()) {
  transaction(db, function() {
    taken <- run_statement(
      db,
      "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT (name)
       DO UPDATE SET holder = excluded.holder, until = excluded.until
       WHERE leases.until < $4 OR leases.until > $5 OR leases.holder = $2",
      name,
      holder,
      time_text(now + seconds),
      time_text(now),
      time_text(now + 2 * seconds + 60)
    )
    taken > 0
  })
}

# Deletes sessions that were created before a time (POSIXct) or longer ago than a difftime, with everything that belongs to
# them except their lines in the audit. Deletes the oldest first, at most `limit`, a few in each transaction so that other
# processes do not wait long. Sessions of the last ten minutes stay: their checks may be running. Returns a data frame of
# the deleted sessions.
delete_sessions <- function(db, older_than, limit = Inf, actor = "retention", now = Sys.time()) {
  before <- if (inherits(older_than, "difftime")) now - older_than else older_than
  before <- time_text(min(before, now - 600))
  gone <- data.frame(session_id = character(), images = numeric(), bytes = numeric())
  while (nrow(gone) < limit) {
    step <- transaction(db, function() delete_step(db, before, min(20, limit - nrow(gone)), actor, now))
    if (nrow(step) == 0) {
      break
    }
    gone <- rbind(gone, step)
  }
  transaction(db, function() {
    run_statement(db, "DELETE FROM attempts WHERE started_at < $1", before)
    run_statement(
      db,
      "DELETE FROM users WHERE created_at < $1
         AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = users.user_id)
         AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.user_id = users.user_id)",
      before
    )
  })
  gone
}

delete_step <- function(db, before, n, actor, now) {
  old <- run_query(
    db,
    "SELECT s.session_id, count(i.name) AS images, coalesce(sum(length(i.bytes)), 0) AS bytes
     FROM (SELECT session_id FROM sessions WHERE created_at < $1 ORDER BY created_at LIMIT $2) s
     LEFT JOIN images i ON i.session_id = s.session_id GROUP BY s.session_id",
    before,
    n
  )
  old[-1] <- lapply(old[-1], as.numeric)
  is_gone <- vapply(
    old$session_id,
    function(id) run_statement(db, "DELETE FROM sessions WHERE session_id = $1", id),
    0
  )
  old <- old[is_gone > 0, ]
  for (id in old$session_id) {
    add_audit(db, actor, "session deleted", id, NA, now)
  }
  old
}
