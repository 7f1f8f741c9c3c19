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

-- Which run an account or a user is gone by, where it is one.
CREATE TABLE gone_by(
  kind TEXT NOT NULL CHECK (kind IN ('account', 'user')), subject INTEGER NOT NULL,
  run_id INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(kind, subject)) STRICT, WITHOUT ROWID;
CREATE TRIGGER account_gone_by AFTER UPDATE OF gone ON account WHEN new.gone <> old.gone BEGIN
  DELETE FROM gone_by WHERE kind = 'account' AND subject = new.id;
  INSERT INTO gone_by(kind, subject, run_id, at)
  SELECT 'account', new.id, run_id, at FROM raising WHERE new.gone = 1 AND run_id IS NOT NULL;
END;
CREATE TRIGGER user_gone_by AFTER UPDATE OF gone ON identity WHEN new.gone <> old.gone BEGIN
  DELETE FROM gone_by WHERE kind = 'user' AND subject = new.id;
  INSERT INTO gone_by(kind, subject, run_id, at)
  SELECT 'user', new.id, run_id, at FROM raising WHERE new.gone = 1 AND run_id IS NOT NULL;
END;
