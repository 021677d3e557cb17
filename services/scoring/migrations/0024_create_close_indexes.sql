-- What a close asks before it commits: did anything come since its results were reckoned?
CREATE INDEX fact_recorded_at ON fact USING brin (recorded_at);
CREATE INDEX measurement_day ON measurement (day);
