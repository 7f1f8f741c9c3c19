-- Pauses, also those that are over. While one is open nothing leaves of the policy, or of all
-- where that is 0.
CREATE TABLE pause(
  id INTEGER PRIMARY KEY, policy_id INTEGER NOT NULL, since INTEGER NOT NULL,
  paused_by TEXT NOT NULL, reason TEXT NOT NULL,
  resumed_at INTEGER, resumed_by TEXT) STRICT;
CREATE UNIQUE INDEX pause_open ON pause(policy_id) WHERE resumed_at IS NULL;

-- Whose each effect is; NULL of what is of no policy.
ALTER TABLE outbox ADD COLUMN policy_id INTEGER;
UPDATE outbox SET policy_id = (SELECT policy_id FROM run WHERE run.id = outbox.run_id);

-- Whether the policy takes access away: the limit of the whole store counts no others. Of those
-- before nobody knows.
ALTER TABLE evaluation ADD COLUMN takes INTEGER NOT NULL DEFAULT 1;
DROP INDEX evaluation_policy;
CREATE INDEX evaluation_policy ON evaluation(policy_id, at, opened, observed, takes);

-- Which evaluation opened a run.
ALTER TABLE run ADD COLUMN evaluation_id INTEGER;
UPDATE run SET evaluation_id = (SELECT max(id) FROM evaluation e
  WHERE e.policy_id = run.policy_id AND e.at = run.opened_at AND e.opened > 0);
CREATE INDEX run_evaluation ON run(evaluation_id) WHERE evaluation_id IS NOT NULL;
