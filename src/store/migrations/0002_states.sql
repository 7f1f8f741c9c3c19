-- What the `lifecycle` item of a version says: for each folded name of a state, as JSON, the
-- number of the identity state that people in it have.
ALTER TABLE policy_version ADD COLUMN lifecycle TEXT;

-- Which version was put to work after which, whatever the clock said: two in one instant, or by
-- a clock that went back, are in order all the same.
ALTER TABLE policy_version ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX policy_version_turn ON policy_version(turn);
UPDATE policy_version SET turn = ordered.turn FROM (
  SELECT policy_id, version,
    row_number() OVER (ORDER BY activated_at, policy_id, version) AS turn
  FROM policy_version WHERE activated_at IS NOT NULL) AS ordered
WHERE ordered.policy_id = policy_version.policy_id AND ordered.version = policy_version.version;

-- What each lifecycle state means: as the item says of the policy that was put to work last,
-- else as the data does. A policy that is only observed, or only for a pilot, says nothing.
CREATE VIEW lifecycle_meaning(id, name_key, state) AS
  WITH item(name_key, state) AS (
    SELECT said.key, said.value FROM json_each((
      SELECT v.lifecycle FROM policy p
      JOIN policy_version v ON v.policy_id = p.id AND v.version = p.active_version
      WHERE v.lifecycle IS NOT NULL AND p.observe = 0 AND p.only_where IS NULL
      ORDER BY v.turn DESC LIMIT 1)) AS said)
  SELECT s.id, s.name_key,
    coalesce(item.state, iif(s.enabled, ifnull(s.identity_state, 0), 0))
  FROM lifecycle_state s LEFT JOIN item ON item.name_key = s.name_key;

-- The mapping that everybody's identity state was last computed by: what means active is left
-- out. Another one is pending.
INSERT INTO meta(key, value) SELECT 'lifecycle', json_group_object(name_key, state)
  FROM (SELECT name_key, state FROM lifecycle_meaning WHERE state <> 0 ORDER BY name_key);

-- Each change of somebody's identity state.
CREATE TABLE identity_change(
  id INTEGER PRIMARY KEY, identity_id INTEGER NOT NULL, at INTEGER NOT NULL,
  before INTEGER NOT NULL, after INTEGER NOT NULL,
  -- 'import', 'step', 'process'; by whom and why, where a person asked for it
  cause TEXT NOT NULL, by TEXT, reason TEXT) STRICT;
CREATE INDEX identity_change_at ON identity_change(cause, at);
