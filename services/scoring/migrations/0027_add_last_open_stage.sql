-- The last open stage of an opportunity, which one way to reckon the chance to win counts. Of opportunities that were taken in before it
-- is not known: to have it, the topics are read again into an empty database.
ALTER TABLE lead_opportunity ADD COLUMN stage text NOT NULL DEFAULT '';
