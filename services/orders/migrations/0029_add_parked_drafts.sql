-- A draft whose opportunity leads does not know is parked (state 4) after some attempts, until an operator releases it.
ALTER TABLE opportunity_won
  ADD COLUMN park_time timestamptz,
  ADD COLUMN reason    text NOT NULL DEFAULT '';  -- why, a code and what to do
CREATE INDEX opportunity_won_unsettled ON opportunity_won (opportunity) WHERE state IN (1, 4);
