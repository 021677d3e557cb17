-- One row a lead: what filters, reach, assignment and recycling need.
CREATE TABLE lead (
  id                uuid        PRIMARY KEY,
  version           bigint      NOT NULL,      -- number of its events
  channel           text        NOT NULL,
  external_id       text        NOT NULL,
  source            text        NOT NULL,
  campaign          text        NOT NULL,      -- campaigns/{uuid}, or ''
  utm               text[]      NOT NULL,      -- source, medium, campaign, term, content
  customer          text        NOT NULL,      -- customers/{id}, or ''
  contact           text        NOT NULL,
  territory         text        NOT NULL,
  industry          text        NOT NULL,
  skills            text[]      NOT NULL,
  owner             text        NOT NULL,
  team              text        NOT NULL,
  state             smallint    NOT NULL,      -- LeadState
  state_time        timestamptz NOT NULL,
  assigned_time     timestamptz,
  last_touch        timestamptz,
  idle_since        timestamptz,               -- while it can be taken back: the later of assignment and last touch
  disqualify_reason text        NOT NULL,
  opportunity       text        NOT NULL,      -- opportunities/{uuid}, or ''
  captured_by       text        NOT NULL,
  occurred_at       timestamptz NOT NULL,
  recorded_at       timestamptz NOT NULL,
  update_time       timestamptz NOT NULL,
  UNIQUE (channel, external_id)
);
CREATE INDEX lead_recorded_at ON lead (recorded_at, id);
CREATE INDEX lead_owner ON lead (owner, recorded_at, id);
CREATE INDEX lead_team ON lead (team, recorded_at, id) WHERE team <> '';
CREATE INDEX lead_captured_by ON lead (captured_by, recorded_at) WHERE owner = '';
CREATE INDEX lead_state ON lead (state, recorded_at, id);
CREATE INDEX lead_source ON lead (source, recorded_at, id);
CREATE INDEX lead_campaign ON lead (campaign, recorded_at, id) WHERE campaign <> '';
CREATE INDEX lead_territory ON lead (territory, recorded_at, id) WHERE territory <> '';
CREATE INDEX lead_industry ON lead (industry, recorded_at, id) WHERE industry <> '';
CREATE INDEX lead_customer ON lead (customer, recorded_at, id) WHERE customer <> '';
-- The load of a member: assigned and contacted leads.
CREATE INDEX lead_load ON lead (owner) WHERE state IN (2, 3);
CREATE INDEX lead_idle ON lead (idle_since) WHERE idle_since IS NOT NULL;

-- Who the person is stays here: never in the journal. An erasure empties these rows.
CREATE TABLE lead_person (
  lead         uuid PRIMARY KEY,
  display_name text NOT NULL,
  company_name text NOT NULL,
  phone        text NOT NULL,
  phone_e164   text NOT NULL,
  email        text NOT NULL,
  body         text NOT NULL
);
CREATE INDEX lead_person_phone ON lead_person (phone_e164) WHERE phone_e164 <> '';

-- What was written as the reason of a change.
CREATE TABLE lead_reason (
  lead    uuid   NOT NULL,
  version bigint NOT NULL,                     -- of the lead after the change
  reason  text   NOT NULL,
  PRIMARY KEY (lead, version)
);

-- How a rule came to an owner, or to nobody: the candidates in the order of their seats.
CREATE TABLE lead_choice (
  lead         uuid     NOT NULL,
  version      bigint   NOT NULL,              -- of the lead after the choice
  rule         text     NOT NULL,              -- assignmentRules/{id}
  rule_version integer  NOT NULL,
  member       text     NOT NULL,              -- '' = nobody
  members      text[]   NOT NULL,
  reasons      text[]   NOT NULL,              -- '' = the chosen one
  loads        bigint[] NOT NULL,
  capacities   bigint[] NOT NULL,
  turns        bigint[] NOT NULL,
  PRIMARY KEY (lead, version)
);

-- Assignment rules. Whoever assigns by a rule holds the lock of its name until the choice is committed.
CREATE TABLE assignment_rule (
  name           text    PRIMARY KEY,          -- assignmentRules/{id}
  latest_version integer NOT NULL,
  active_version integer NOT NULL,             -- 0 = off
  turn           bigint  NOT NULL              -- number of the latest turn
);
CREATE TABLE assignment_rule_version (
  rule            text        NOT NULL,
  version         integer     NOT NULL,
  method          smallint    NOT NULL,        -- AssignmentMethod
  display_name    text        NOT NULL,
  display_name_zh text        NOT NULL,
  created_by      text        NOT NULL,
  create_time     timestamptz NOT NULL,
  PRIMARY KEY (rule, version)
);
CREATE TABLE assignment_seat (
  rule        text    NOT NULL,
  version     integer NOT NULL,
  position    integer NOT NULL,
  member      text    NOT NULL,
  territories text[]  NOT NULL,
  industries  text[]  NOT NULL,
  skills      text[]  NOT NULL,
  capacity    bigint  NOT NULL,
  PRIMARY KEY (rule, version, position)
);
CREATE TABLE assignment_turn (
  rule   text   NOT NULL,
  member text   NOT NULL,
  turn   bigint NOT NULL,
  PRIMARY KEY (rule, member)
);
-- A member's cap: the lowest of their seats in active rules; NULL = none. Whoever gives a member a lead holds this row until it is
-- committed, by rule or by hand: so nobody is over their cap.
CREATE TABLE assignee (
  member   text   PRIMARY KEY,
  capacity bigint
);

-- One row a touch.
CREATE TABLE touch (
  id          uuid        PRIMARY KEY,
  kind        text        NOT NULL,
  outcome     text        NOT NULL,
  effective   boolean     NOT NULL,
  member      text        NOT NULL,
  team        text        NOT NULL,
  customer    text        NOT NULL,
  lead        text        NOT NULL,
  opportunity text        NOT NULL,
  recorded_by text        NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL
);
CREATE INDEX touch_occurred_at ON touch (occurred_at, id);
CREATE INDEX touch_member ON touch (member, occurred_at, id);
CREATE INDEX touch_team ON touch (team, occurred_at, id) WHERE team <> '';
CREATE INDEX touch_customer ON touch (customer, occurred_at, id) WHERE customer <> '';
CREATE INDEX touch_lead ON touch (lead, occurred_at, id) WHERE lead <> '';
CREATE INDEX touch_opportunity ON touch (opportunity, occurred_at, id) WHERE opportunity <> '';

-- What was said: never in the journal.
CREATE TABLE touch_note (
  touch uuid PRIMARY KEY,
  note  text NOT NULL
);
