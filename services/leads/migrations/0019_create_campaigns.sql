-- One row a campaign: what filters, reach and commands need.
CREATE TABLE campaign (
  id               uuid        PRIMARY KEY,   -- campaigns/{uuid}
  version          bigint      NOT NULL,      -- number of its events
  kind             text        NOT NULL,
  owner            text        NOT NULL,
  team             text        NOT NULL,
  region           text        NOT NULL,
  budget_currency  text        NOT NULL,
  budget           bigint      NOT NULL,      -- minor units, as every amount here
  planned_start    timestamptz NOT NULL,
  planned_end      timestamptz NOT NULL,
  approved_at      timestamptz,
  rehearsed_at     timestamptz,
  started_at       timestamptz,
  ended_at         timestamptz,
  recap_at         timestamptz,
  approved_by      text        NOT NULL,
  recap            text        NOT NULL,      -- where it is kept
  cost_currency    text,
  cost             bigint,
  revenue_currency text,
  revenue          bigint,
  leads            bigint,
  converted_leads  bigint,
  new_customers    bigint,
  state            smallint    NOT NULL,      -- CampaignState
  state_time       timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  planned_by       text        NOT NULL,
  occurred_at      timestamptz NOT NULL,      -- when it was planned
  create_time      timestamptz NOT NULL
);
CREATE INDEX campaign_create_time ON campaign (create_time, id);
CREATE INDEX campaign_planned_start ON campaign (planned_start, id);
CREATE INDEX campaign_kind ON campaign (kind, create_time);
CREATE INDEX campaign_owner ON campaign (owner, create_time) WHERE owner <> '';
CREATE INDEX campaign_team ON campaign (team, create_time) WHERE team <> '';
CREATE INDEX campaign_planned_by ON campaign (planned_by, create_time) WHERE owner = '';

-- Title and texts stay here: never in the journal.
CREATE TABLE campaign_text (
  campaign    uuid PRIMARY KEY,
  title       text NOT NULL,
  title_zh    text NOT NULL,
  goal        text NOT NULL,
  description text NOT NULL
);

-- Why a change was made, as given. Never in the journal.
CREATE TABLE campaign_reason (
  campaign uuid   NOT NULL,
  version  bigint NOT NULL,                   -- of the campaign after the change
  reason   text   NOT NULL,
  PRIMARY KEY (campaign, version)
);
