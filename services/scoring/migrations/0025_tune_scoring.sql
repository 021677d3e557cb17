-- Counts up whenever outcomes are counted, in the same transaction, so that the worker that scores leads knows its copy's age.
CREATE TABLE outcome_count_revision (
  sole     boolean PRIMARY KEY DEFAULT true CHECK (sole),
  revision bigint  NOT NULL DEFAULT 0
);
INSERT INTO outcome_count_revision DEFAULT VALUES;

-- A sum of a day, a score and a revision change often and in place: room in their pages keeps most of these changes out of the indexes.
ALTER TABLE measure_day SET (fillfactor = 70);
ALTER TABLE measure_revision SET (fillfactor = 50);
ALTER TABLE fact_source SET (fillfactor = 80);
ALTER TABLE outcome_count SET (fillfactor = 70);

-- The company's facts of a measure, which those of a region are a part of: one index for both, ordered as both are asked for.
DROP INDEX fact_region;
DROP INDEX fact_day;
CREATE INDEX fact_measure_day ON fact (measure, day);
