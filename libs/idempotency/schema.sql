CREATE TABLE idempotency_key (
  method       text        NOT NULL,
  caller       text        NOT NULL,
  request_id   text        NOT NULL,
  request_hash bytea       NOT NULL,
  response     bytea       NOT NULL,
  aggregate    text        NOT NULL,
  create_time  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT idempotency_key_pkey PRIMARY KEY (method, caller, request_id)
);
CREATE INDEX idempotency_key_create_time ON idempotency_key (create_time);
CREATE INDEX idempotency_key_aggregate ON idempotency_key (aggregate);
