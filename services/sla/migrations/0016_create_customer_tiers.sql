-- Tiers of customers as their events told them. What a ticket's own event has not seen is added to its facts.
CREATE TABLE customer_tiers (
  customer    text        NOT NULL,             -- customers/{id}
  version     bigint      NOT NULL,             -- of the customer
  event_id    uuid        NOT NULL,
  type        text        NOT NULL,
  occurred_at timestamptz NOT NULL,
  payload     bytea       NOT NULL,             -- steward.leads.events.v1.LeadsEvent
  PRIMARY KEY (customer, version)
);
-- Customers whose open tickets are to be matched again: an event writes one row, a worker takes one ticket at a time (ruling H2).
CREATE TABLE rematch (
  customer text   PRIMARY KEY,
  version  bigint NOT NULL                      -- of the customer; the row goes when no open ticket is behind it
);

ALTER TABLE subject
  ADD COLUMN customer         text    NOT NULL DEFAULT '',
  ADD COLUMN customer_version bigint  NOT NULL DEFAULT 0,      -- whose tiers are among the facts
  ADD COLUMN ended            boolean NOT NULL DEFAULT false;  -- nothing begins any more unless it is reopened
CREATE INDEX subject_customer ON subject (customer, name) WHERE customer <> '' AND NOT ended;

-- A fact told by another (the customer) follows the subject's own fact of the same version.
ALTER TABLE subject_fact
  ADD COLUMN step   integer  NOT NULL DEFAULT 0,
  ADD COLUMN source smallint NOT NULL DEFAULT 1,  -- whose message the payload is: 1 complaints, 2 leads, 3 orders
  DROP CONSTRAINT subject_fact_pkey,
  ADD PRIMARY KEY (subject, version, step);
ALTER TABLE clock ADD COLUMN since_step integer NOT NULL DEFAULT 0;
