-- Projection of steward.directory.v1: the state of every member, team and role as its last event gives it.
CREATE TABLE org_entry (
  name    text   PRIMARY KEY,   -- members/{id}, teams/{id}, roles/{id}
  version bigint NOT NULL,
  state   bytea  NOT NULL       -- MemberState, TeamState or RoleState
);
CREATE SEQUENCE org_revision;
