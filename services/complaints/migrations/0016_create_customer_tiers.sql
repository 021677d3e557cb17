-- Customers of the leads service as their events told them: whoever is not here is not known (ruling A14).
CREATE TABLE customer (
  name    text   PRIMARY KEY,                             -- customers/{id}
  version bigint NOT NULL,                                -- of the customer, when it last told its tiers
  tiers   text[] NOT NULL,                                -- scheme:tier
  xid     xid8   NOT NULL DEFAULT pg_current_xact_id()    -- who wrote the row: caches read what is new
);
CREATE INDEX customer_new ON customer (xid);
