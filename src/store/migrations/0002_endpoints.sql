-- Receivers whose last attempts failed in a way that may pass; one that answers has no row.
CREATE TABLE endpoint(
  name TEXT PRIMARY KEY,
  -- how many attempts failed since it last answered
  failures INTEGER NOT NULL,
  -- nothing is sent there before then; after that one attempt shows whether it answers again
  paused_until INTEGER) STRICT, WITHOUT ROWID;
