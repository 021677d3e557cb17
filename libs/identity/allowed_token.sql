-- Entries of denied_token that were taken back: who did it, and when. Kept for a year.
CREATE TABLE allowed_token (
  kind       text        NOT NULL,
  value      text        NOT NULL,
  reason     text        NOT NULL,
  denied_by  text        NOT NULL,
  denied_at  timestamptz NOT NULL,
  expires_at timestamptz,
  allowed_by text        NOT NULL,               -- members/{id}
  allowed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (kind, value, allowed_at)
);
