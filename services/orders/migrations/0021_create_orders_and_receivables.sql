-- Sales orders. Lines are columns of one length.
CREATE TABLE sales_order (
  id                    uuid        PRIMARY KEY,
  version               bigint      NOT NULL,  -- number of its events
  owner                 text        NOT NULL,
  team                  text        NOT NULL,
  customer              text        NOT NULL,
  contract              text        NOT NULL,  -- contracts/{uuid}, '' = none
  region                text        NOT NULL,
  first_order           boolean     NOT NULL,
  state                 smallint    NOT NULL,  -- OrderState
  state_time            timestamptz NOT NULL,
  reviewed_by           text        NOT NULL,
  sheet_made_by         text        NOT NULL,
  signed_for_sales_by   text        NOT NULL,
  signed_for_finance_by text        NOT NULL,
  enter_time            timestamptz NOT NULL,
  update_time           timestamptz NOT NULL,
  release_time          timestamptz,
  deliver_time          timestamptz,
  accept_time           timestamptz,
  cancel_reason         text        NOT NULL,
  return_reason         text        NOT NULL,
  currency              text        NOT NULL,
  products              text[]      NOT NULL,
  product_lines         text[]      NOT NULL,
  new_products          smallint[]  NOT NULL,
  quantities            bigint[]    NOT NULL,
  unit_prices           bigint[]    NOT NULL,  -- minor units
  delivered             bigint[]    NOT NULL,
  returned              bigint[]    NOT NULL
);
CREATE INDEX sales_order_enter_time ON sales_order (enter_time, id);
CREATE INDEX sales_order_owner ON sales_order (owner, enter_time, id);
CREATE INDEX sales_order_team ON sales_order (team, enter_time, id) WHERE team <> '';
CREATE INDEX sales_order_region ON sales_order (region, enter_time, id);
CREATE INDEX sales_order_customer ON sales_order (customer, enter_time, id);
CREATE INDEX sales_order_contract ON sales_order (contract, enter_time, id) WHERE contract <> '';
CREATE INDEX sales_order_state ON sales_order (state, enter_time, id);

-- The ledger of a contract; opened with its signature. Amounts are minor units of its currency.
CREATE TABLE receivable (
  contract     uuid     PRIMARY KEY,
  version      bigint   NOT NULL,     -- number of its events
  customer     text     NOT NULL,
  owner        text     NOT NULL,
  team         text     NOT NULL,
  region       text     NOT NULL,
  kind_path    text[]   NOT NULL,
  currency     text     NOT NULL,
  signed_on    date,
  delivered_on date,
  accepted_on  date,
  last_day     date     NOT NULL      -- latest day of an entry or event: as of then or later the stored figures hold
);
CREATE INDEX receivable_last_day ON receivable (last_day, contract);

-- What was paid: the source of truth. Never changed.
CREATE TABLE cash_entry (
  id               uuid        PRIMARY KEY,
  contract         uuid        NOT NULL REFERENCES receivable,
  kind             smallint    NOT NULL,  -- EntryKind
  occurred_on      date        NOT NULL,
  amount           bigint      NOT NULL CHECK (amount > 0),
  part_instalments integer[]   NOT NULL,
  part_amounts     bigint[]    NOT NULL,
  reverses         uuid        UNIQUE,
  source           text        NOT NULL,
  external_id      text        NOT NULL,
  recorded_by      text        NOT NULL,
  record_time      timestamptz NOT NULL
);
CREATE INDEX cash_entry_contract ON cash_entry (contract, occurred_on, id);
CREATE INDEX cash_entry_occurred_on ON cash_entry (occurred_on, id);
CREATE UNIQUE INDEX cash_entry_external ON cash_entry (source, external_id) WHERE external_id <> '';

-- The plan, and what ComputeLedger makes of the entries; written in the entry's transaction. Standing and overdue days are
-- computed from it. Who is behind the contract is repeated, for the indexes.
CREATE TABLE instalment (
  contract    uuid     NOT NULL REFERENCES receivable,
  number      integer  NOT NULL,
  version     bigint   NOT NULL,          -- number of its events
  cycle       integer  NOT NULL,          -- times that its due date had passed
  said        smallint NOT NULL,          -- Said
  due_date    date,                       -- agreed, or
  due_event   smallint,                   -- DueEvent, and
  due_days    integer,                    -- days after it
  currency    text     NOT NULL,
  amount      bigint   NOT NULL,
  paid        bigint   NOT NULL,
  credited    bigint   NOT NULL,
  written_off bigint   NOT NULL,
  due_on      date,                       -- as known now
  settled_on  date,
  customer    text     NOT NULL,
  owner       text     NOT NULL,
  team        text     NOT NULL,
  region      text     NOT NULL,
  open        bigint   NOT NULL GENERATED ALWAYS AS (amount - paid - credited - written_off) STORED,
  due_sort    date     NOT NULL GENERATED ALWAYS AS (COALESCE(due_on, DATE '9999-12-31')) STORED,
  PRIMARY KEY (contract, number),
  CHECK (paid >= 0 AND credited >= 0 AND written_off >= 0 AND paid + credited + written_off <= amount)
);
CREATE INDEX instalment_due ON instalment (due_sort, contract, number);
CREATE INDEX instalment_owner ON instalment (owner, due_sort, contract, number);
CREATE INDEX instalment_team ON instalment (team, due_sort, contract, number) WHERE team <> '';
CREATE INDEX instalment_region ON instalment (region, due_sort, contract, number) WHERE region <> '';
CREATE INDEX instalment_customer ON instalment (customer, due_sort, contract, number);
-- What is open, oldest first: the overdue list, and the search for due dates that are over.
CREATE INDEX instalment_open ON instalment (due_sort, contract, number) WHERE open > 0;
CREATE INDEX instalment_unsaid ON instalment (due_on, contract) WHERE said = 1 AND open > 0;
