-- What is known of leads, from the events of the leads service alone. Names are resource names.
CREATE TABLE lead_record (
  lead         text    PRIMARY KEY,
  version      bigint  NOT NULL,         -- of its own events; 0 = only others have spoken of it
  captured     boolean NOT NULL,
  disqualified boolean NOT NULL,
  open         boolean NOT NULL,         -- not disqualified, and an opportunity is open or there is none
  source       text    NOT NULL,
  channel      text    NOT NULL,
  territory    text    NOT NULL,
  industry     text    NOT NULL,
  campaign     text    NOT NULL,
  utm_source   text    NOT NULL,
  utm_medium   text    NOT NULL,
  utm_campaign text    NOT NULL,
  customer     text    NOT NULL,
  owner        text    NOT NULL,
  team         text    NOT NULL
);
CREATE INDEX lead_record_open ON lead_record (lead) WHERE open;
CREATE INDEX lead_record_customer ON lead_record (customer) WHERE customer <> '';

-- What points are given for.
CREATE TABLE lead_event (
  lead     text        NOT NULL,
  event_id uuid        NOT NULL,
  kind     text        NOT NULL,         -- touch/effective/visit, opportunity/advanced/quoted ...
  at       timestamptz NOT NULL,
  PRIMARY KEY (lead, event_id)
);

CREATE TABLE lead_opportunity (
  opportunity      text    PRIMARY KEY,
  lead             text    NOT NULL,     -- '' = it came from none
  version          bigint  NOT NULL,
  closed           boolean NOT NULL,
  win_basis_points integer NOT NULL,     -- of the stage
  team             text    NOT NULL
);
CREATE INDEX lead_opportunity_lead ON lead_opportunity (lead) WHERE lead <> '';

CREATE TABLE customer_tiers (
  customer text   PRIMARY KEY,
  version  bigint NOT NULL,
  tiers    text[] NOT NULL               -- scheme:tier
);

-- One row for each event that said won or lost; a reopening makes it withdrawn. Its features are those of the lead.
CREATE TABLE outcome (
  event_id    uuid   PRIMARY KEY,
  opportunity text   NOT NULL,
  version     bigint NOT NULL,
  verdict     text   NOT NULL,           -- won, lost, withdrawn
  team        text   NOT NULL            -- of the opportunity then
);
CREATE INDEX outcome_opportunity ON outcome (opportunity);

-- Outcomes counted; follows in the same transaction. The variable '' counts each outcome once. No row is zero.
CREATE TABLE outcome_count (
  team     text   NOT NULL,
  variable text   NOT NULL,
  value    text   NOT NULL,
  won      bigint NOT NULL,
  lost     bigint NOT NULL,
  PRIMARY KEY (team, variable, value)
);

-- Leads that wait to be scored again. Rows are only added by consumers and taken by the worker, so neither waits for the other.
CREATE TABLE lead_mark (
  id    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lead  text        NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Requests to score all open leads again. `soon` does not wait for the pause between sweeps.
CREATE TABLE sweep_request (
  id    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  soon  boolean     NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- How far the present sweep is. One row.
CREATE TABLE lead_sweep (
  sole       boolean     PRIMARY KEY DEFAULT true CHECK (sole),
  day        text        NOT NULL DEFAULT '',   -- of the last one that began, in the company's zone
  begun_at   timestamptz,                       -- of the last one
  since      timestamptz,                       -- oldest request that the running one answers; NULL = none runs
  after_lead text        NOT NULL DEFAULT ''
);
INSERT INTO lead_sweep DEFAULT VALUES;

CREATE TABLE scoring_model_version (
  model       text        NOT NULL,
  version     integer     NOT NULL,
  spec        jsonb       NOT NULL,             -- steward.scoring.v1.ScoringModel
  created_by  text        NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (model, version)
);

-- The number of each model's last event in the journal, and the version that scores leads: of all models at most one.
CREATE TABLE scoring_model (
  model             text    PRIMARY KEY,
  aggregate_version bigint  NOT NULL,
  active_version    integer                      -- NULL = not active
);
CREATE UNIQUE INDEX scoring_model_active ON scoring_model ((true)) WHERE active_version IS NOT NULL;

CREATE TABLE lead_score (
  lead          text        PRIMARY KEY,
  version       bigint      NOT NULL,            -- of leadScores/{id} in the journal; 0 = nothing said yet
  score         bigint      NOT NULL,            -- in 10^-6
  band          text        NOT NULL,
  win           bigint,                          -- per cent in 10^-6; NULL = not estimated
  win_basis     text        NOT NULL,
  model         text        NOT NULL,
  model_version integer     NOT NULL,
  feature_hash  text        NOT NULL,
  as_of         timestamptz NOT NULL,
  scored_at     timestamptz NOT NULL,
  event_count   integer     NOT NULL,
  last_event    text        NOT NULL,            -- '' = none
  lead_version  bigint      NOT NULL
);
CREATE INDEX lead_score_order ON lead_score (score, lead);
CREATE INDEX lead_score_band ON lead_score (band, score, lead);

-- Leaderboards: sums of one measure by its days; and a number that counts up whenever they change, so that a copy knows its age.
CREATE INDEX measure_day_measure ON measure_day (measure, day);
CREATE TABLE measure_revision (
  measure  text   PRIMARY KEY,
  revision bigint NOT NULL
);
