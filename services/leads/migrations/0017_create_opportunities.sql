-- One row an opportunity: what filters, reach and commands need.
CREATE TABLE opportunity (
  id               uuid        PRIMARY KEY,   -- opportunities/{id}
  version          bigint      NOT NULL,      -- number of its events
  pipeline         text        NOT NULL,
  pipeline_version integer     NOT NULL,      -- kept for life
  stage            text        NOT NULL,
  state            smallint    NOT NULL,      -- StageKind of the stage: 1 open, 2 won, 3 lost, 4 dormant
  stage_time       timestamptz NOT NULL,
  last_open        text        NOT NULL,
  customer         text        NOT NULL,      -- customers/{id}; '' = none, as of the next five
  lead             text        NOT NULL,
  campaign         text        NOT NULL,
  owner            text        NOT NULL,
  team             text        NOT NULL,
  region           text        NOT NULL,
  opened_by        text        NOT NULL,
  amount_minor     bigint,                    -- NULL = not known
  currency         text        NOT NULL,
  expected_close   date,                      -- in the company's zone
  proof_codes      text[]      NOT NULL,      -- two columns of one length
  proof_references text[]      NOT NULL,
  lost_reason      text        NOT NULL,
  lost_note        uuid,                      -- of opportunity_note
  close_time       timestamptz,               -- while won or lost
  cycle            integer     NOT NULL,
  occurred_at      timestamptz NOT NULL,      -- when it was opened
  recorded_at      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL
);
CREATE INDEX opportunity_recorded_at ON opportunity (recorded_at, id);
CREATE INDEX opportunity_update_time ON opportunity (update_time, id);
CREATE INDEX opportunity_close_time ON opportunity (close_time, id) WHERE close_time IS NOT NULL;
CREATE INDEX opportunity_stage ON opportunity (stage, recorded_at, id);
CREATE INDEX opportunity_state ON opportunity (state, recorded_at, id);
CREATE INDEX opportunity_owner ON opportunity (owner, recorded_at, id) WHERE owner <> '';
CREATE INDEX opportunity_team ON opportunity (team, recorded_at, id) WHERE team <> '';
CREATE INDEX opportunity_opened_by ON opportunity (opened_by, recorded_at, id) WHERE owner = '';
CREATE INDEX opportunity_region ON opportunity (region, recorded_at, id) WHERE region <> '';
CREATE INDEX opportunity_customer ON opportunity (customer, recorded_at, id) WHERE customer <> '';
CREATE INDEX opportunity_lead ON opportunity (lead, recorded_at, id) WHERE lead <> '';
CREATE INDEX opportunity_campaign ON opportunity (campaign, recorded_at, id) WHERE campaign <> '';
CREATE INDEX opportunity_pipeline ON opportunity (pipeline, pipeline_version, id);  -- the funnel goes through it

-- What the funnel is reckoned from: every move, and every change of those responsible. Only ever added to.
CREATE TABLE opportunity_entry (
  opportunity uuid        NOT NULL,
  version     bigint      NOT NULL,           -- of the opportunity after the change
  event_id    uuid        NOT NULL,           -- of the journal
  from_stage  text        NOT NULL,           -- '' = it was opened
  to_stage    text        NOT NULL,           -- '' = only those responsible changed
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  owner       text        NOT NULL,           -- from here on, as the next two
  team        text        NOT NULL,
  region      text        NOT NULL,
  PRIMARY KEY (opportunity, version)
);

-- Free text stays here: never in the journal. An erasure empties these rows.
CREATE TABLE opportunity_note (
  opportunity uuid NOT NULL,
  event_id    uuid NOT NULL,                  -- the change that it was written to
  lost_note   text NOT NULL,
  reason      text NOT NULL,                  -- why it was recorded late
  PRIMARY KEY (opportunity, event_id)
);

-- Versions never change; the highest one is where new opportunities open.
CREATE TABLE pipeline_version (
  pipeline    text        NOT NULL,           -- pipelines/{id}
  version     integer     NOT NULL,
  spec        jsonb       NOT NULL,           -- steward.leads.v1.Pipeline
  created_by  text        NOT NULL,           -- '' = shipped
  create_time timestamptz NOT NULL,
  PRIMARY KEY (pipeline, version)
);
-- DefaultPipeline of domain/default_pipeline.cpp; a test compares the two.
INSERT INTO pipeline_version (pipeline, version, spec, created_by, create_time) VALUES ('default', 1, $spec$
{"stages": [
  {"id": "lead_acquired", "display_names": {"zh-Hans": "线索获取", "en": "Lead acquired"}, "kind": "OPEN", "win_basis_points": 1000, "evidence": [{"any_of": ["source"]}]},
  {"id": "needs_analysis", "display_names": {"zh-Hans": "需求分析", "en": "Needs analysis"}, "kind": "OPEN", "win_basis_points": 3000, "evidence": [{"any_of": ["needs_record"]}]},
  {"id": "proposal", "display_names": {"zh-Hans": "方案呈现", "en": "Proposal"}, "kind": "OPEN", "win_basis_points": 5000, "evidence": [{"any_of": ["proposal"]}]},
  {"id": "negotiation", "display_names": {"zh-Hans": "商务谈判", "en": "Negotiation"}, "kind": "OPEN", "win_basis_points": 8000, "evidence": [{"any_of": ["proposal_accepted", "quotation"]}]},
  {"id": "contract_signed", "display_names": {"zh-Hans": "合同签订", "en": "Contract signed"}, "kind": "WON", "win_basis_points": 10000, "evidence": [{"any_of": ["signed_contract"]}]},
  {"id": "lost", "display_names": {"zh-Hans": "输单", "en": "Lost"}, "kind": "LOST"},
  {"id": "dormant", "display_names": {"zh-Hans": "休眠", "en": "Dormant"}, "kind": "DORMANT"}
],
"moves": [
  {"from": "lead_acquired", "to": "needs_analysis"}, {"from": "lead_acquired", "to": "lost"}, {"from": "lead_acquired", "to": "dormant"},
  {"from": "needs_analysis", "to": "proposal"}, {"from": "needs_analysis", "to": "lead_acquired"}, {"from": "needs_analysis", "to": "lost"},
  {"from": "needs_analysis", "to": "dormant"}, {"from": "proposal", "to": "negotiation"}, {"from": "proposal", "to": "lead_acquired"},
  {"from": "proposal", "to": "needs_analysis"}, {"from": "proposal", "to": "lost"}, {"from": "proposal", "to": "dormant"},
  {"from": "negotiation", "to": "contract_signed"}, {"from": "negotiation", "to": "lead_acquired"}, {"from": "negotiation", "to": "needs_analysis"},
  {"from": "negotiation", "to": "proposal"}, {"from": "negotiation", "to": "lost"}, {"from": "negotiation", "to": "dormant"},
  {"from": "dormant", "to": "lost"}
],
"reopen_won": {"allowed": true}, "reopen_lost": {"allowed": true},
"lost_reasons": [
  {"id": "price", "display_names": {"zh-Hans": "价格", "en": "Price"}},
  {"id": "competitor", "display_names": {"zh-Hans": "竞争对手", "en": "Competitor"}},
  {"id": "no_budget", "display_names": {"zh-Hans": "无预算", "en": "No budget"}},
  {"id": "no_need", "display_names": {"zh-Hans": "无需求", "en": "No need"}},
  {"id": "product_gap", "display_names": {"zh-Hans": "产品不匹配", "en": "Product does not fit"}},
  {"id": "no_answer", "display_names": {"zh-Hans": "失去联系", "en": "No answer"}},
  {"id": "other", "display_names": {"zh-Hans": "其他", "en": "Other"}, "needs_note": true}
]}
$spec$, '', now());
