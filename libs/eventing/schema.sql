-- The journal: outbox and audit trail. Nothing updates or deletes it (a trigger would cost; rights and the auditor see to it).
CREATE TABLE journal (
  xid               xid8        NOT NULL DEFAULT pg_current_xact_id(),
  seq               bigint      GENERATED ALWAYS AS IDENTITY (CACHE 1),
  event_id          uuid        NOT NULL,
  aggregate         text        NOT NULL,
  aggregate_version bigint      NOT NULL CHECK (aggregate_version > 0),
  type              text        NOT NULL,
  occurred_at       timestamptz NOT NULL,
  recorded_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor             text        NOT NULL,
  correlation       text        NOT NULL,
  causation         text        NOT NULL DEFAULT '',
  traceparent       text        NOT NULL,
  payload           bytea       NOT NULL,
  CONSTRAINT journal_aggregate_version UNIQUE (aggregate, aggregate_version)
);
CREATE INDEX journal_position ON journal (xid, seq);

-- One row: how far the relay has published, and where to.
CREATE TABLE journal_cursor (
  only_row          boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
  xid               xid8        NOT NULL DEFAULT '0',
  seq               bigint      NOT NULL DEFAULT 0,
  system_identifier bigint,                          -- of the PostgreSQL cluster the cursor belongs to
  kafka_cluster     text        NOT NULL DEFAULT '',
  move_time         timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO journal_cursor DEFAULT VALUES;
-- Acknowledged end of each partition, to notice a Kafka that lost its tail (ruling H16).
CREATE TABLE journal_acknowledged (
  topic      text    NOT NULL,
  partition  integer NOT NULL,
  end_offset bigint  NOT NULL,
  PRIMARY KEY (topic, partition)
);

CREATE TABLE consumer_offset (
  consumer_group   text        NOT NULL,
  topic            text        NOT NULL,
  partition        integer     NOT NULL,
  next_offset      bigint      NOT NULL,
  end_offset       bigint      NOT NULL DEFAULT -1,  -- as last confirmed by the broker
  end_confirmed_at timestamptz,
  halted           text        NOT NULL DEFAULT '',
  PRIMARY KEY (consumer_group, topic, partition)
);
CREATE TABLE consumer_version (
  consumer_group text   NOT NULL,
  aggregate      text   NOT NULL,
  version        bigint NOT NULL,
  event_id       uuid   NOT NULL,
  PRIMARY KEY (consumer_group, aggregate)
);
CREATE TABLE parked_record (
  id                 bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer_group     text        NOT NULL,
  topic              text        NOT NULL,
  partition          integer     NOT NULL,
  record_offset      bigint      NOT NULL,
  record_time        timestamptz NOT NULL,
  key                bytea,                          -- NULL = the record had none
  aggregate          text        NOT NULL,           -- the key as text; '' when it is not readable
  aggregate_version  bigint      NOT NULL,           -- 0 = not readable
  type               text        NOT NULL,
  header_names       text[]      NOT NULL,
  header_values      bytea[]     NOT NULL,
  value              bytea,
  reason             text        NOT NULL,
  error              text        NOT NULL,
  attempts           integer     NOT NULL,
  replays            integer     NOT NULL DEFAULT 0,
  first_failure_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_failure_time  timestamptz NOT NULL DEFAULT clock_timestamp(),
  state              text        NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'released', 'discarded')),
  discard_reason     text        NOT NULL DEFAULT '',
  UNIQUE (consumer_group, topic, partition, record_offset)
);
CREATE INDEX parked_record_open ON parked_record (consumer_group, aggregate, aggregate_version) WHERE state = 'parked';
-- Counters of the conservation law (I19): read = applied + repeated + parked.
CREATE TABLE consumer_count (
  consumer_group text   NOT NULL,
  topic          text   NOT NULL,
  partition      integer NOT NULL,
  applied        bigint NOT NULL DEFAULT 0,
  repeated       bigint NOT NULL DEFAULT 0,
  parked         bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (consumer_group, topic, partition)
);
