-- Members, teams, roles, and what a member holds for a while. Rows are never deleted.
SET LOCAL lock_timeout = '5s';

CREATE TABLE member (
  name             text        PRIMARY KEY,       -- members/{id}
  version          bigint      NOT NULL CHECK (version > 0),
  kind             text        NOT NULL CHECK (kind IN ('person', 'system')),
  active           boolean     NOT NULL,
  display_name     text        NOT NULL,          -- personal data: these five are in no event
  display_name_zh  text        NOT NULL,
  email            text        NOT NULL,
  mobile           text        NOT NULL,
  external_subject text        NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL
);
CREATE UNIQUE INDEX member_external_subject ON member (external_subject) WHERE external_subject <> '';

-- Roles, teams, superiors and leaves of a member, each list in its order; NULL = always, or open.
CREATE TABLE member_assignment (
  member     text        NOT NULL REFERENCES member,
  kind       text        NOT NULL CHECK (kind IN ('role', 'team', 'superior', 'leave')),
  position   bigint      NOT NULL,
  target     text        NOT NULL,                -- roles/{id}, teams/{id}, members/{id}; '' for a leave
  lead       boolean     NOT NULL,
  start_time timestamptz,
  end_time   timestamptz,
  PRIMARY KEY (member, kind, position),
  CHECK (start_time < end_time),
  CHECK ((kind = 'leave') = (target = ''))
);
CREATE INDEX member_assignment_target ON member_assignment (kind, target) WHERE target <> '';

CREATE TABLE team (
  name            text   PRIMARY KEY,             -- teams/{id}
  version         bigint NOT NULL CHECK (version > 0),
  display_name_en text   NOT NULL,
  display_name_zh text   NOT NULL,
  parent          text   NOT NULL,                -- '' at the top
  region          text   NOT NULL
);

CREATE TABLE role (
  name            text   PRIMARY KEY,             -- roles/{id}
  version         bigint NOT NULL CHECK (version > 0),
  display_name_en text   NOT NULL,
  display_name_zh text   NOT NULL,
  grants          text[] NOT NULL,
  source          text   NOT NULL
);
