-- One row a contract. Instalments of the plan are columns of one length, in the plan's order.
CREATE TABLE contract (
  id            uuid        PRIMARY KEY,
  version       bigint      NOT NULL,      -- number of its events
  owner         text        NOT NULL,      -- members/{id}
  team          text        NOT NULL,      -- teams/{id} of the owner, or ''
  customer      text        NOT NULL,      -- customers/{id}
  opportunity   text        NOT NULL,      -- opportunities/{id} that it came from, or ''
  kind          text        NOT NULL,
  region        text        NOT NULL,
  currency      text        NOT NULL,
  amount_minor  bigint      NOT NULL,
  plan_events   smallint[]  NOT NULL,      -- DueEvent; 0 = a date
  plan_days     bigint[]    NOT NULL,      -- days after the event; of a date since 1970-01-01
  plan_minor    bigint[]    NOT NULL,
  state         smallint    NOT NULL,      -- ContractState
  state_time    timestamptz NOT NULL,
  waiting_for   text[]      NOT NULL,      -- who may decide now
  asked         text[]      NOT NULL,      -- everybody whom a run asked: they reach the contract
  draft_time    timestamptz NOT NULL,
  update_time   timestamptz NOT NULL,
  approve_time  timestamptz,
  sign_time     timestamptz,
  start_time    timestamptz,
  complete_time timestamptz,
  archive_time  timestamptz,
  cancel_time   timestamptz,
  signed_day    bigint,                    -- days since 1970-01-01, in the company's zone
  cancel_reason text        NOT NULL,
  approvals     bytea       NOT NULL       -- steward.orders.v1.Contract with `approvals` alone
);
CREATE INDEX contract_draft_time ON contract (draft_time, id);
CREATE INDEX contract_update_time ON contract (update_time, id);
CREATE INDEX contract_owner ON contract (owner, draft_time);
CREATE INDEX contract_team ON contract (team, draft_time) WHERE team <> '';
CREATE INDEX contract_customer ON contract (customer, draft_time);
CREATE INDEX contract_region ON contract (region, draft_time) WHERE region <> '';
CREATE INDEX contract_state ON contract (state, draft_time);
CREATE INDEX contract_waiting_for ON contract USING gin (waiting_for);
CREATE INDEX contract_asked ON contract USING gin (asked);
-- One contract at a time that came from an opportunity: a cancelled one gives way.
CREATE UNIQUE INDEX contract_of_opportunity ON contract (opportunity) WHERE opportunity <> '' AND state <> 8;

-- Versions never change; the active one is what new submissions take.
CREATE TABLE approval_flow_version (
  flow        text        NOT NULL,        -- approvalFlows/{id}
  version     integer     NOT NULL,
  spec        jsonb       NOT NULL,        -- steward.orders.v1.ApprovalFlow
  active      boolean     NOT NULL,
  created_by  text        NOT NULL,        -- '' = shipped
  create_time timestamptz NOT NULL,
  PRIMARY KEY (flow, version)
);
CREATE UNIQUE INDEX approval_flow_active ON approval_flow_version (flow) WHERE active;
-- No source document names approvers (S-14 leaves the threshold empty): the head of the submitter's department, and nobody approves
-- what they submitted.
INSERT INTO approval_flow_version (flow, version, spec, active, created_by, create_time) VALUES ('default', 1, $spec$
{"display_names": {"en": "Head of department", "zh-Hans": "部门负责人审批"},
 "nodes": [{"id": "department", "display_names": {"en": "Head of department", "zh-Hans": "部门负责人"}, "mode": "ALL_OF",
            "approvers": [{"department_head": {}}]}],
 "submitter": "SUPERIOR", "repeat": "FIRST_ONLY", "missing": "REFUSE", "source": "001, contract approval; the approver is ours"}
$spec$, true, '', now());

-- One row an opportunity that was won: what has to become a contract draft, or became one.
CREATE TABLE opportunity_won (
  opportunity  text        PRIMARY KEY,    -- opportunities/{id}
  cycle        integer     NOT NULL,       -- of its opening that was won last
  event_id     uuid        NOT NULL,       -- of opportunity.won
  correlation  text        NOT NULL,
  traceparent  text        NOT NULL,
  state        smallint    NOT NULL,       -- 1 waiting, 2 has its contract, 3 not won any more
  attempts     integer     NOT NULL,
  next_attempt timestamptz NOT NULL,
  waits_for    text        NOT NULL,       -- why the last attempt drafted nothing: '', `leads`, or the field that is missing
  contract     uuid
);
CREATE INDEX opportunity_won_waiting ON opportunity_won (next_attempt) WHERE state = 1;
