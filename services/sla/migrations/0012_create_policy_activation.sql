-- Every time that a version of a policy came into force; the same version may come again. activated, effective_from and
-- deactivated_from of policy_version stay for the release before this one.
CREATE TABLE policy_activation (
  policy           text        NOT NULL,
  number           integer     NOT NULL,        -- 1, 2, 3 ... of the policy
  version          integer     NOT NULL,
  effective_from   timestamptz,                 -- NULL = from the beginning of time
  deactivated_from timestamptz,                 -- start events from here on have no clock
  PRIMARY KEY (policy, number),
  FOREIGN KEY (policy, version) REFERENCES policy_version
);
INSERT INTO policy_activation (policy, number, version, effective_from, deactivated_from)
SELECT policy, row_number() OVER (PARTITION BY policy ORDER BY effective_from NULLS FIRST, version), version, effective_from,
  deactivated_from
FROM policy_version WHERE activated;
