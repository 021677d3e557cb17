-- What happened, in numbers: one row for each event and measure, so that a repeat cannot count twice. Whole numbers alone: counts, minor
-- units of `currency`, microseconds. `part` tells rows of one event and measure apart that differ in their day or dimensions; below zero it
-- takes earlier rows of the same aggregate back.
CREATE TABLE fact (
  event_id    uuid        NOT NULL,
  measure     text        NOT NULL,
  part        integer     NOT NULL,
  aggregate   text        NOT NULL,
  version     bigint      NOT NULL,
  occurred_at timestamptz NOT NULL,
  day         date        NOT NULL,   -- in the company's zone: the period that it counts in
  qualifier   text        NOT NULL,   -- policy, kind path, channel ...; '' = none
  currency    text        NOT NULL,   -- of an amount; '' otherwise
  member      text        NOT NULL,
  team        text        NOT NULL,
  region      text        NOT NULL,   -- regions/{code}
  customer    text        NOT NULL,
  value       bigint      NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (event_id, measure, part)
);
CREATE INDEX fact_aggregate ON fact (aggregate, measure);
CREATE INDEX fact_member ON fact (member, measure, day) WHERE member <> '';
CREATE INDEX fact_team ON fact (team, measure, day) WHERE team <> '';
CREATE INDEX fact_region ON fact (region, measure, day) WHERE region <> '';
CREATE INDEX fact_customer ON fact (customer, measure, day) WHERE customer <> '';
CREATE INDEX fact_day ON fact (day, measure);

-- Sums of facts by day, for the member, team, region and customer of each fact and for the company. Follows in the fact's transaction.
CREATE TABLE measure_day (
  subject   text   NOT NULL,          -- members/{id}, teams/{id}, regions/{code}, customers/{id} or company
  measure   text   NOT NULL,
  day       date   NOT NULL,
  qualifier text   NOT NULL,
  currency  text   NOT NULL,
  facts     bigint NOT NULL,          -- rows; one that takes another back counts -1
  total     bigint NOT NULL,
  PRIMARY KEY (subject, measure, day, qualifier, currency)
);

-- What later events of an aggregate leave out: whose it is, which policy or kind, since when.
CREATE TABLE fact_source (
  aggregate    text        PRIMARY KEY,
  version      bigint      NOT NULL,
  qualifier    text        NOT NULL,
  currency     text        NOT NULL,
  member       text        NOT NULL,
  team         text        NOT NULL,
  region       text        NOT NULL,
  customer     text        NOT NULL,
  started_at   timestamptz,
  paused_since timestamptz,
  paused       bigint      NOT NULL,  -- microseconds
  amount       bigint      NOT NULL,  -- minor units: what the last event left
  flag         boolean     NOT NULL
);

-- Versions of KPIs and scorecards; none is ever changed.
CREATE TABLE definition (
  name        text        NOT NULL,   -- kpis/{id} or scorecards/{id}
  version     bigint      NOT NULL,
  body        bytea       NOT NULL,   -- steward.scoring.v1.Kpi or Scorecard
  digest      bytea       NOT NULL,   -- of the body without version, time and creator
  creator     text        NOT NULL,   -- system:scoring = shipped
  create_time timestamptz NOT NULL,
  PRIMARY KEY (name, version)
);

-- A subject's own target for one period.
CREATE TABLE target (
  kpi      text        NOT NULL,
  subject  text        NOT NULL,
  period   text        NOT NULL,
  version  bigint      NOT NULL,
  value    bigint      NOT NULL,      -- 10^-6
  upper    bigint,
  set_time timestamptz NOT NULL,
  set_by   text        NOT NULL,
  PRIMARY KEY (kpi, subject, period)
);
CREATE INDEX target_subject ON target (subject, period);

-- Values from outside; a correction is the next version of the same external id.
CREATE TABLE measurement (
  source      text        NOT NULL,
  external_id text        NOT NULL,
  version     bigint      NOT NULL,
  kpi         text        NOT NULL,
  subject     text        NOT NULL,
  day         date        NOT NULL,
  value       bigint      NOT NULL,   -- 10^-6
  rater       text        NOT NULL,
  evidence    text        NOT NULL,
  recorder    text        NOT NULL,
  record_time timestamptz NOT NULL,
  PRIMARY KEY (source, external_id, version)
);
CREATE INDEX measurement_subject ON measurement (subject, kpi, day);

-- A period that was frozen or closed; one that has no row is open.
CREATE TABLE period (
  period      text        PRIMARY KEY,
  version     bigint      NOT NULL,
  state       text        NOT NULL CHECK (state IN ('FROZEN', 'CLOSED')),
  first_day   date        NOT NULL,
  last_day    date        NOT NULL,
  freeze_time timestamptz NOT NULL,
  frozen_by   text        NOT NULL,
  close_time  timestamptz,
  closed_by   text        NOT NULL,
  hash        text        NOT NULL    -- of all results, SHA-256 in hexadecimal
);

-- What a closed period showed.
CREATE TABLE period_result (
  period    text  NOT NULL,
  scorecard text  NOT NULL,
  subject   text  NOT NULL,
  result    bytea NOT NULL,           -- steward.scoring.v1.ScorecardResult
  hash      text  NOT NULL,
  PRIMARY KEY (period, scorecard, subject)
);
