-- Access reviews: whom they ask about is what their policy opened runs for.
CREATE TABLE campaign(
  id INTEGER PRIMARY KEY, policy_id INTEGER NOT NULL UNIQUE, app TEXT NOT NULL, permission TEXT,
  at_once INTEGER NOT NULL, started_at INTEGER NOT NULL, started_by TEXT NOT NULL,
  ends_at INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('starting', 'open', 'closed')),
  closed_at INTEGER, closed_by TEXT) STRICT;
CREATE INDEX campaign_at_work ON campaign(ends_at) WHERE state <> 'closed';
