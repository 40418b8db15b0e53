-- The tables of the example back end and console in SQLite. postgresql.sql has the same ones for PostgreSQL.
-- Times are text: UTC, ISO 8601 with milliseconds (2026-01-31T23:59:59.123Z), which sorts by time.
-- database.R runs this file, statement by statement: an empty line ends a statement.

CREATE TABLE schema_version (version INTEGER NOT NULL);

INSERT INTO schema_version VALUES (1);

-- The people who are checked.
CREATE TABLE users (
  user_id TEXT PRIMARY KEY,
  created_at TEXT NOT NULL
);

-- Requests for a check, written before the service creates the session, so that the limit on failed checks also counts
-- those that are still running.
CREATE TABLE attempts (
  attempt_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (user_id),
  started_at TEXT NOT NULL
);

CREATE INDEX attempts_of_user ON attempts (user_id, started_at);

CREATE INDEX attempts_by_age ON attempts (started_at);

-- status, challenge_type and challenge_version are the service's, from when the verdict was recorded.
-- create_request_id is the ClientRequestToken with which the session was created, and the ID of its attempt.
CREATE TABLE sessions (
  session_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (user_id),
  region TEXT,
  created_at TEXT NOT NULL,
  status TEXT,
  challenge_type TEXT,
  challenge_version TEXT,
  create_request_id TEXT UNIQUE
);

CREATE INDEX sessions_by_age ON sessions (created_at, session_id);

CREATE INDEX sessions_of_user ON sessions (user_id);

-- What was decided, once. reason: why these thresholds were chosen. request_id: the service's ID of the response.
CREATE TABLE verdicts (
  session_id TEXT PRIMARY KEY REFERENCES sessions (session_id) ON DELETE CASCADE,
  verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'review', 'fail')),
  confidence REAL,
  review_threshold REAL,
  pass_threshold REAL NOT NULL,
  reason TEXT,
  request_id TEXT,
  decided_at TEXT NOT NULL
);

CREATE TABLE reviewers (
  reviewer_id TEXT PRIMARY KEY,
  created_at TEXT NOT NULL
);

-- Reviews. The newest review of a session counts; a label of NULL withdraws the earlier label.
-- review_key: a request that is repeated adds its review only once.
CREATE TABLE reviews (
  review_id INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  reviewer_id TEXT NOT NULL REFERENCES reviewers (reviewer_id),
  label TEXT CHECK (label IN ('live', 'attack')),
  note TEXT,
  reviewed_at TEXT NOT NULL,
  review_key TEXT NOT NULL UNIQUE
);

CREATE INDEX reviews_of_session ON reviews (session_id);

-- name: reference, audit-1, audit-2, ... Either bytes or the address of an object in S3. box: JSON, as the service sent it.
CREATE TABLE images (
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  type TEXT,
  bytes BLOB,
  box TEXT,
  s3_bucket TEXT,
  s3_name TEXT,
  s3_version TEXT,
  PRIMARY KEY (session_id, name)
);

-- Who did what and when: only IDs and times, because it is kept longer than the sessions. It is only appended to.
CREATE TABLE audit (
  audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  session_id TEXT,
  detail TEXT
);

-- Which process does the work that one process at a time does.
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until TEXT NOT NULL
);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit is only appended to');
END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit is only appended to');
END;

-- INSERT OR REPLACE deletes a row without running the trigger above.
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE audit_id = NEW.audit_id)
BEGIN
  SELECT RAISE(ABORT, 'audit is only appended to');
END;

CREATE TRIGGER verdicts_no_update BEFORE UPDATE ON verdicts
BEGIN
  SELECT RAISE(ABORT, 'a verdict is recorded once');
END;

CREATE TRIGGER verdicts_no_replace BEFORE INSERT ON verdicts
WHEN EXISTS (SELECT 1 FROM verdicts WHERE session_id = NEW.session_id)
BEGIN
  SELECT RAISE(IGNORE);
END;

CREATE TRIGGER reviews_no_update BEFORE UPDATE ON reviews
BEGIN
  SELECT RAISE(ABORT, 'reviews are only appended to');
END;

CREATE TRIGGER reviews_no_replace BEFORE INSERT ON reviews
WHEN EXISTS (SELECT 1 FROM reviews WHERE review_id = NEW.review_id)
BEGIN
  SELECT RAISE(ABORT, 'reviews are only appended to');
END;

CREATE TRIGGER reviews_no_second BEFORE INSERT ON reviews
WHEN EXISTS (SELECT 1 FROM reviews WHERE review_key = NEW.review_key)
BEGIN
  SELECT RAISE(IGNORE);
END;

-- Verdicts and reviews are deleted only with their session.
CREATE TRIGGER verdicts_no_delete BEFORE DELETE ON verdicts
WHEN EXISTS (SELECT 1 FROM sessions WHERE session_id = OLD.session_id)
BEGIN
  SELECT RAISE(ABORT, 'verdicts is only appended to');
END;

CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews
WHEN EXISTS (SELECT 1 FROM sessions WHERE session_id = OLD.session_id)
BEGIN
  SELECT RAISE(ABORT, 'reviews is only appended to');
END;

-- The verdict of a session that is replaced would go with it.
CREATE TRIGGER sessions_no_replace BEFORE INSERT ON sessions
WHEN EXISTS (
  SELECT 1 FROM sessions WHERE session_id = NEW.session_id OR create_request_id = NEW.create_request_id
)
BEGIN
  SELECT RAISE(IGNORE);
END;
