-- What the scoring service last said of a lead: a row from the intake on, written by the consumer alone. Apart from `lead`, because scores
-- change far oftener than what its indexes are on.
CREATE TABLE lead_score (
  lead          uuid        PRIMARY KEY,
  version       bigint      NOT NULL DEFAULT 0,            -- of leadScores/{uuid}; 0 = no score yet
  score         numeric     NOT NULL DEFAULT '-Infinity',  -- which is below every score: the order has no gaps
  band          text        NOT NULL DEFAULT '',           -- '' = below all bands, or no score yet
  win_percent   text        NOT NULL DEFAULT '',           -- '' = not estimated
  model         text        NOT NULL DEFAULT '',           -- scoringModels/{id}
  model_version integer     NOT NULL DEFAULT 0,
  as_of         timestamptz NOT NULL DEFAULT 'epoch'
);
INSERT INTO lead_score (lead) SELECT id FROM lead;
CREATE INDEX lead_score_order ON lead_score (score, lead);
CREATE INDEX lead_score_band ON lead_score (band, score, lead) WHERE band <> '';
