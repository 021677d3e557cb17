-- Tokens that are refused although they are valid. An entry is deleted when it is taken back, or a day after its end.
CREATE TABLE denied_token (
  kind       text        NOT NULL CHECK (kind IN ('jti', 'sub')),
  value      text        NOT NULL,               -- the token's id; or its subject claim, or members/{id}
  reason     text        NOT NULL,
  denied_by  text        NOT NULL,               -- members/{id}
  denied_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz,                        -- NULL = until it is taken back
  PRIMARY KEY (kind, value)
);
