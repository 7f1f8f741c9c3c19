-- What runs took away, until newer data has shown that it is gone, or that it is still there.
CREATE TABLE taken(
  id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('account', 'permission', 'membership')),
  -- the account, or the user
  holder INTEGER NOT NULL,
  -- the permission, or the group; 0 of an account
  held INTEGER NOT NULL,
  -- whether the account was only disabled
  disabled INTEGER NOT NULL DEFAULT 0,
  taken_at INTEGER NOT NULL,
  -- when an import showed it still
  shown_at INTEGER,
  change TEXT NOT NULL) STRICT;
CREATE INDEX taken_shown ON taken(shown_at) WHERE shown_at IS NOT NULL;
CREATE INDEX taken_run ON taken(run_id);
