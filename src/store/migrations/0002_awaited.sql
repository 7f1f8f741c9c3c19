-- Events that a policy has heard, and could not decide yet for a subject: for what each waits, and
-- when that is looked at again. Behind `run_id` it waits for the end of a run; those with `held_id`
-- were held under another version, and are evaluated anew.
CREATE TABLE awaited(
  policy_id INTEGER NOT NULL, subject_kind INTEGER NOT NULL, subject_id INTEGER NOT NULL,
  event_id INTEGER NOT NULL,
  heard TEXT NOT NULL, why TEXT NOT NULL, run_id INTEGER, held_id INTEGER,
  look_at INTEGER NOT NULL,
  PRIMARY KEY(policy_id, subject_kind, subject_id, event_id)) STRICT, WITHOUT ROWID;
CREATE INDEX awaited_event ON awaited(event_id);
CREATE INDEX awaited_look ON awaited(look_at);
CREATE INDEX awaited_run ON awaited(run_id) WHERE run_id IS NOT NULL;
