-- What an operator decided when the relay refused to run, and the records that were accepted by it. Nothing updates or deletes them.
CREATE TABLE journal_decision (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  choice      text        NOT NULL CHECK (choice IN ('accept_unknown', 'rewind')),
  decide_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  decided_by  text        NOT NULL,              -- members/{id}
  reason      text        NOT NULL,
  refusal     text        NOT NULL,              -- what the relay said
  from_xid    xid8        NOT NULL,              -- the cursor before
  from_seq    bigint      NOT NULL,
  records     bigint      NOT NULL,              -- records accepted
  request_id  text        NOT NULL UNIQUE
);
CREATE TABLE journal_accepted (
  topic         text    NOT NULL,
  partition     integer NOT NULL,
  record_offset bigint  NOT NULL,
  event_id      text    NOT NULL,                -- header ce_id as it stands
  decision      bigint  NOT NULL REFERENCES journal_decision,
  PRIMARY KEY (topic, partition, record_offset, event_id)
);
