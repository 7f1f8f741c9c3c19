-- Runs that began to take something away, and when they last did: what the limits count.
CREATE TABLE taking(
  run_id INTEGER PRIMARY KEY, policy_id INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX taking_policy ON taking(policy_id, at);
CREATE INDEX taking_at ON taking(at);
INSERT INTO taking(run_id, policy_id, at)
  SELECT id, policy_id, ifnull((SELECT max(at) FROM trail WHERE run_id = run.id), opened_at)
  FROM run WHERE json_extract(body, '$.took');
