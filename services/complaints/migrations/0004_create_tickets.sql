-- One row a ticket: what filters and commands need. Instants inside arrays are microseconds since 1970.
CREATE TABLE ticket (
  id               uuid        PRIMARY KEY,          -- complaints/{id}
  version          bigint      NOT NULL,             -- number of its events
  kind             text        NOT NULL,
  severity         text        NOT NULL,
  state            smallint    NOT NULL,             -- Ticket.State; 6 closed, 7 cancelled
  channel          text        NOT NULL,
  external_id      text        NOT NULL,
  customer         text        NOT NULL,
  customer_tiers   text[]      NOT NULL,
  partner          text        NOT NULL,
  product          text        NOT NULL,
  order_name       text        NOT NULL,
  serial_number    text        NOT NULL,
  topic            text        NOT NULL,
  owner            text        NOT NULL,
  team             text        NOT NULL,
  region           text        NOT NULL,
  registered_by    text        NOT NULL,
  occurred_at      timestamptz NOT NULL,
  recorded_at      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  state_time       timestamptz NOT NULL,
  cycle            integer     NOT NULL,
  cycle_time       timestamptz NOT NULL,
  hold_causes      text[]      NOT NULL,
  hold_times       bigint[]    NOT NULL,
  milestone_types  text[]      NOT NULL,
  milestone_times  bigint[]    NOT NULL,
  milestone_cycles integer[]   NOT NULL,
  milestone_actors text[]      NOT NULL,
  cancel_reason    text        NOT NULL
);
CREATE UNIQUE INDEX ticket_external_id ON ticket (channel, external_id) WHERE external_id <> '';
CREATE INDEX ticket_recorded_at ON ticket (recorded_at, id);
CREATE INDEX ticket_occurred_at ON ticket (occurred_at, id);
CREATE INDEX ticket_customer ON ticket (customer, occurred_at) WHERE customer <> '';
CREATE INDEX ticket_owner ON ticket (owner, recorded_at) WHERE owner <> '';
CREATE INDEX ticket_team ON ticket (team, recorded_at) WHERE team <> '';
CREATE INDEX ticket_registered_by ON ticket (registered_by, recorded_at) WHERE owner = '';
CREATE INDEX ticket_open ON ticket (kind, severity) WHERE state < 6;

-- Personal text stays here: never in the journal. An erasure empties these rows.
CREATE TABLE ticket_text (
  ticket      uuid PRIMARY KEY,
  summary     text NOT NULL,
  description text NOT NULL
);
CREATE TABLE ticket_note (
  ticket      uuid        NOT NULL,
  id          uuid        NOT NULL,                  -- UUIDv7: in order of time
  text        text        NOT NULL,
  author      text        NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (ticket, id)
);
-- Reasons people gave for a change, by the version of its last event.
CREATE TABLE ticket_reason (
  ticket  uuid   NOT NULL,
  version bigint NOT NULL,
  reason  text   NOT NULL,
  PRIMARY KEY (ticket, version)
);

-- Links between repeat complaints belong to repeat/{customer id}, not to the tickets (ruling H13).
CREATE TABLE ticket_repeat (
  ticket            uuid        PRIMARY KEY,
  first_ticket      uuid        NOT NULL,
  first_occurred_at timestamptz NOT NULL,
  rule              text        NOT NULL
);
CREATE TABLE repeat_chain (
  customer text   PRIMARY KEY,
  version  bigint NOT NULL
);
