-- Rules: versions never change; what is in force is told by policy_version and calendar.
CREATE TABLE calendar (
  name           text    PRIMARY KEY,
  version        bigint  NOT NULL,              -- aggregate version
  newest_version integer NOT NULL,
  active_version integer NOT NULL
);
CREATE TABLE calendar_version (
  calendar    text        NOT NULL REFERENCES calendar,
  version     integer     NOT NULL,
  spec        bytea       NOT NULL,             -- steward.sla.v1.Calendar
  compiled    bytea       NOT NULL,             -- transitions, so that replicas with other zone data agree
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (calendar, version)
);
CREATE TABLE policy (
  name           text    PRIMARY KEY,
  version        bigint  NOT NULL,              -- aggregate version
  newest_version integer NOT NULL,
  active_version integer NOT NULL DEFAULT 0,    -- 0 = not in force
  pack           text    NOT NULL DEFAULT ''
);
CREATE TABLE policy_version (
  policy           text        NOT NULL REFERENCES policy,
  version          integer     NOT NULL,
  spec             bytea       NOT NULL,        -- steward.sla.v1.Policy
  activated        boolean     NOT NULL DEFAULT false,
  effective_from   timestamptz,                 -- of an activated version; NULL = from the beginning of time
  deactivated_from timestamptz,
  create_time      timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (policy, version)
);
-- Counted up by every change of the rules, under the exclusive ruleset lock.
CREATE TABLE ruleset (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  revision bigint  NOT NULL DEFAULT 1
);
INSERT INTO ruleset DEFAULT VALUES;

-- Facts of subjects, kept after they are closed: a late fact may still change a verdict.
CREATE TABLE subject (
  name      text    PRIMARY KEY,                -- complaints/{uuid}
  version   bigint  NOT NULL,                   -- of the last fact
  owner     text    NOT NULL,
  team      text    NOT NULL,
  unmatched boolean NOT NULL                    -- no policy matched
);
CREATE INDEX subject_unmatched ON subject (name) WHERE unmatched;
CREATE TABLE subject_fact (
  subject     text        NOT NULL,
  version     bigint      NOT NULL,
  event_id    uuid        NOT NULL,
  type        text        NOT NULL,
  occurred_at timestamptz NOT NULL,
  payload     bytea       NOT NULL,             -- the topic message
  PRIMARY KEY (subject, version)
);

CREATE TABLE clock (
  name             text        PRIMARY KEY,     -- clocks/{ticket uuid}-{policy id}
  version          bigint      NOT NULL,        -- aggregate version
  subject          text        NOT NULL,
  policy           text        NOT NULL,
  policy_version   integer     NOT NULL,
  calendar         text        NOT NULL,
  calendar_version integer     NOT NULL,
  metric           text        NOT NULL,
  cycle            integer     NOT NULL,
  run_state        smallint    NOT NULL CHECK (run_state BETWEEN 1 AND 5),
  breached         boolean     NOT NULL,        -- a breach stands
  warned           boolean     NOT NULL,
  start_time       timestamptz NOT NULL,
  due_time         timestamptz,                 -- NULL = never
  stop_time        timestamptz,
  provisional      boolean     NOT NULL,
  owner            text        NOT NULL,
  team             text        NOT NULL,
  pack             text        NOT NULL,
  seed             text        NOT NULL,
  binding          smallint    NOT NULL,
  cancel_reason    text        NOT NULL,
  ladder           bytea       NOT NULL,        -- thresholds: instants and what fired (domain/ladder.h)
  since_version    bigint      NOT NULL         -- first fact of the subject that may begin it
) WITH (fillfactor = 70);
CREATE INDEX clock_subject ON clock (subject);
CREATE INDEX clock_open_due ON clock ((coalesce(due_time, '9999-01-01 00:00:00+00'::timestamptz)), name) WHERE run_state IN (1, 2);
CREATE INDEX clock_open_owner ON clock (owner, due_time, name) WHERE run_state IN (1, 2);
CREATE INDEX clock_open_team ON clock (team, due_time, name) WHERE run_state IN (1, 2);

-- Open timers only: one row a clock, its next threshold. `fire_at` is later than `due` only when the threshold had passed already
-- when it was armed: facts then get 2 s to arrive.
CREATE TABLE timer (
  shard     smallint    NOT NULL,
  id        bigint      GENERATED ALWAYS AS IDENTITY,
  clock     text        NOT NULL,
  subject   text        NOT NULL,
  cycle     integer     NOT NULL,
  threshold text        NOT NULL,
  arming    integer     NOT NULL,
  due       timestamptz NOT NULL,
  fire_at   timestamptz NOT NULL,
  accuses   boolean     NOT NULL,               -- a breach or a level: held while inputs are behind
  failures  integer     NOT NULL DEFAULT 0,
  PRIMARY KEY (shard, id),
  CONSTRAINT timer_key UNIQUE (clock, cycle, threshold, arming)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_limit = 2000);
-- Not by shard first: what is due is read oldest first across the shards of a watcher, a page at a time.
CREATE INDEX timer_fire ON timer (fire_at);

-- What makes a firing unique: the key, and at most one standing firing of a threshold.
CREATE TABLE firing (
  clock            text        NOT NULL,
  cycle            integer     NOT NULL,
  threshold        text        NOT NULL,
  arming           integer     NOT NULL,
  occurred_at      timestamptz NOT NULL,
  detected_at      timestamptz NOT NULL,
  mark             text        NOT NULL DEFAULT '',
  retracted        boolean     NOT NULL DEFAULT false,
  retraction_cause text        NOT NULL DEFAULT '',
  PRIMARY KEY (clock, cycle, threshold, arming),
  CONSTRAINT firing_never_early CHECK (detected_at >= occurred_at)
);
CREATE UNIQUE INDEX firing_standing ON firing (clock, cycle, threshold) WHERE NOT retracted;

CREATE TABLE escalation (
  name             text        PRIMARY KEY,
  version          bigint      NOT NULL,
  clock            text        NOT NULL,
  subject          text        NOT NULL,
  policy           text        NOT NULL,
  cycle            integer     NOT NULL,
  level            integer     NOT NULL,
  arming           integer     NOT NULL,
  role             text        NOT NULL,
  fallback_role    text        NOT NULL,
  recipient        text        NOT NULL,        -- '' = pending
  basis            text        NOT NULL,
  state            smallint    NOT NULL CHECK (state BETWEEN 1 AND 4),
  owner            text        NOT NULL,
  team             text        NOT NULL,
  occurred_at      timestamptz NOT NULL,
  detected_at      timestamptz NOT NULL,
  acknowledged_by  text        NOT NULL DEFAULT '',
  on_behalf_of     text        NOT NULL DEFAULT '',
  acknowledge_time timestamptz,
  note             text        NOT NULL DEFAULT ''
);
CREATE INDEX escalation_clock ON escalation (clock);
CREATE INDEX escalation_new ON escalation (detected_at DESC, name DESC);
CREATE INDEX escalation_open ON escalation (recipient, detected_at) WHERE state = 1;

-- Live watchers and the guard; one row.
CREATE TABLE watcher_state (
  only_row      boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
  version       bigint      NOT NULL DEFAULT 0,  -- aggregate version of watcher/guard
  release_until timestamptz                      -- an operator let firing go on until then
);
INSERT INTO watcher_state DEFAULT VALUES;
