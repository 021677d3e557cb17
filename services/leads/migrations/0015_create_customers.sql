-- One row a customer: what filters, reach and commands need.
CREATE TABLE customer (
  id            text        PRIMARY KEY,   -- customers/{id}
  version       bigint      NOT NULL,      -- number of its events
  industry      text        NOT NULL,
  region        text        NOT NULL,
  owner         text        NOT NULL,
  team          text        NOT NULL,
  tiers         text[]      NOT NULL,      -- scheme:tier, by scheme
  registered_by text        NOT NULL,
  create_time   timestamptz NOT NULL,
  update_time   timestamptz NOT NULL
);
CREATE INDEX customer_create_time ON customer (create_time, id);
CREATE INDEX customer_update_time ON customer (update_time, id);
CREATE INDEX customer_owner ON customer (owner, create_time) WHERE owner <> '';
CREATE INDEX customer_team ON customer (team, create_time) WHERE team <> '';
CREATE INDEX customer_registered_by ON customer (registered_by, create_time) WHERE owner = '';
CREATE INDEX customer_region ON customer (region, create_time) WHERE region <> '';
CREATE INDEX customer_industry ON customer (industry, create_time) WHERE industry <> '';
CREATE INDEX customer_tiers ON customer USING gin (tiers);

-- Names and personal text stay here: never in the journal. An erasure empties these rows. Contacts are columns of one length.
CREATE TABLE customer_text (
  customer           text   PRIMARY KEY,
  display_name       text   NOT NULL,
  display_name_zh    text   NOT NULL,
  company_name       text   NOT NULL,
  credit_code        text   NOT NULL,
  website            text   NOT NULL,
  needs              text   NOT NULL,
  preferences        text   NOT NULL,
  contact_names      text[] NOT NULL,
  contact_titles     text[] NOT NULL,
  contact_roles      text[] NOT NULL,
  contact_phones     text[] NOT NULL,
  contact_phones_e164 text[] NOT NULL,
  contact_emails     text[] NOT NULL
);

-- By what customers may be found to be the same, in the common form. As personal as customer_text.
CREATE TABLE customer_key (
  kind     smallint NOT NULL,             -- MatchKind
  value    text     NOT NULL,
  customer text     NOT NULL,
  PRIMARY KEY (kind, value, customer)
);
CREATE INDEX customer_key_customer ON customer_key (customer);

-- Every change of a tier; the last one of a scheme is what customer.tiers says.
CREATE TABLE customer_tier (
  customer       text        NOT NULL,
  version        bigint      NOT NULL,     -- of the customer after the change
  scheme         text        NOT NULL,
  from_tier      text        NOT NULL,
  tier           text        NOT NULL,     -- '' = taken away
  effective_from timestamptz NOT NULL,
  set_by         text        NOT NULL,
  rule           text        NOT NULL,     -- '' = by hand
  reason         text        NOT NULL,
  recorded_at    timestamptz NOT NULL,
  PRIMARY KEY (customer, version, scheme)
);
