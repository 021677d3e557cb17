-- What became of a won opportunity: its last contract, as the orders service tells it. Written by the consumer alone.
ALTER TABLE opportunity
  ADD COLUMN contract               text        NOT NULL DEFAULT '',       -- contracts/{uuid}, or ''
  ADD COLUMN contract_since         timestamptz NOT NULL DEFAULT 'epoch',  -- when it was recorded: an older one does not take its place
  ADD COLUMN contract_state         text        NOT NULL DEFAULT '',       -- as the orders service names it
  ADD COLUMN contract_cancel_reason text        NOT NULL DEFAULT '';
-- Later events name the contract alone.
CREATE INDEX opportunity_contract ON opportunity (contract) WHERE contract <> '';
