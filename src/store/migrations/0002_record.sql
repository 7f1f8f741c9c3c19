-- Who told of an event: somebody at the shell, a program by the name of its token; or whose
-- import raised it.
ALTER TABLE event ADD COLUMN told_by TEXT;

-- What came of an event: an evaluation that heard it, and what became of runs.
CREATE TABLE consequence(
  event_id INTEGER NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('heard', 'opened', 'called off', 'restarted', 'ended', 'passed over')),
  evaluation_id INTEGER, run_id INTEGER, policy_id INTEGER,
  -- why an evaluation opened nothing for it
  why TEXT) STRICT;
CREATE INDEX consequence_event ON consequence(event_id);
CREATE INDEX consequence_evaluation ON consequence(evaluation_id)
  WHERE evaluation_id IS NOT NULL;

-- The held evaluation that one belongs to: the one whose list it is or came to, where it was
-- held itself; else the one that it released.
ALTER TABLE evaluation ADD COLUMN held_id INTEGER;
CREATE INDEX evaluation_held ON evaluation(held_id) WHERE held_id IS NOT NULL;
