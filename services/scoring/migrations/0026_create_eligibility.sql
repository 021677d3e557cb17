-- What part of a period a subject is assessed for in the role of a card: a joiner, a leaver, one who changed roles. Targets are prorated
-- by days / period_days; values are those of the days between the two.
CREATE TABLE eligibility (
  subject     text        NOT NULL,
  period      text        NOT NULL,
  scorecard   text        NOT NULL,
  version     bigint      NOT NULL,
  first_day   date        NOT NULL,
  last_day    date        NOT NULL,
  days        bigint      NOT NULL,   -- working days, make-up days count
  period_days bigint      NOT NULL,   -- working days of the whole period
  set_time    timestamptz NOT NULL,
  set_by      text        NOT NULL,
  PRIMARY KEY (subject, period, scorecard)
);
CREATE INDEX eligibility_period ON eligibility (period);
