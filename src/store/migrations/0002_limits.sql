-- Runs that began to take something away, and when they last did: what the limits count.
CREATE TABLE taking(
  run_id INTEGER PRIMARY KEY, policy_id INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX taking_policy ON taking(policy_id, at);
CREATE INDEX taking_at ON taking(at);
INSERT INTO taking(run_id, policy_id, at)
  SELECT id, policy_id, ifnull((SELECT max(at) FROM trail WHERE run_id = run.id), opened_at)
  FROM run WHERE json_extract(body, '$.took');

-- Evaluations that would have passed their limit: for all in scope, or for events. Later ones
-- that would open the same, or come to the list of the events, are this one still.
CREATE TABLE held(
  evaluation_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL,
  policy_id INTEGER NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
  for_events INTEGER NOT NULL, opened INTEGER NOT NULL, allowed INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('held', 'released', 'discarded', 'replaced', 'evaluated anew')),
  settled_at INTEGER, settled_by TEXT, reason TEXT) STRICT;
CREATE INDEX held_policy ON held(policy_id, state);

-- For whom each of them would open a run, in this order; and for which event, as JSON.
CREATE TABLE held_subject(
  id INTEGER PRIMARY KEY, evaluation_id INTEGER NOT NULL,
  subject_kind INTEGER NOT NULL, subject_id INTEGER NOT NULL, subject_name TEXT NOT NULL,
  heard TEXT, UNIQUE(evaluation_id, subject_kind, subject_id)) STRICT;

-- What the admin was told of, so that nobody is told each minute.
CREATE TABLE told(about TEXT PRIMARY KEY, what TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
