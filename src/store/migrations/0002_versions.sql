-- The last number that a version of the policy was given: none is given twice.
ALTER TABLE policy ADD COLUMN last_version INTEGER NOT NULL DEFAULT 0;
-- Whether its evaluations and runs are on record only, and the condition of a pilot.
ALTER TABLE policy ADD COLUMN observe INTEGER NOT NULL DEFAULT 0;
ALTER TABLE policy ADD COLUMN only_where TEXT;
UPDATE policy SET last_version =
  (SELECT ifnull(max(version), 0) FROM policy_version v WHERE v.policy_id = policy.id);

ALTER TABLE run ADD COLUMN observed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN only_where TEXT;
ALTER TABLE evaluation ADD COLUMN observed INTEGER NOT NULL DEFAULT 0;

DROP INDEX evaluation_policy;
CREATE INDEX evaluation_policy ON evaluation(policy_id, at, opened, observed);

-- What the names of a pilot's condition stood for when it was put to work, as JSON.
CREATE TABLE pilot(
  policy_id INTEGER NOT NULL, version INTEGER NOT NULL, condition TEXT NOT NULL,
  names TEXT, PRIMARY KEY(policy_id, version, condition)) STRICT, WITHOUT ROWID;
