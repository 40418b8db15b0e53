-- The tables of the example back end and console in PostgreSQL. sqlite.sql has the same ones for SQLite.
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
  confidence DOUBLE PRECISION,
  review_threshold DOUBLE PRECISION,
  pass_threshold DOUBLE PRECISION NOT NULL,
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
  review_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
  bytes BYTEA,
  box TEXT,
  s3_bucket TEXT,
  s3_name TEXT,
  s3_version TEXT,
  PRIMARY KEY (session_id, name)
);

-- Who did what and when: only IDs and times, because it is kept longer than the sessions. It is only appended to.
CREATE TABLE audit (
  audit_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME;
END $$;

CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER verdicts_no_change BEFORE UPDATE OR TRUNCATE ON verdicts
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER reviews_no_change BEFORE UPDATE OR TRUNCATE ON reviews
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- They are deleted only with their session.
CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM sessions WHERE session_id = OLD.session_id) THEN
    RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME;
  END IF;
  RETURN OLD;
END $$;

CREATE TRIGGER verdicts_no_delete BEFORE DELETE ON verdicts
FOR EACH ROW EXECUTE FUNCTION refuse_deletion();

CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews
FOR EACH ROW EXECUTE FUNCTION refuse_deletion();

CREATE TRIGGER sessions_no_truncate BEFORE TRUNCATE ON sessions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
