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
CREATE INDEX taken_held ON taken(kind, holder, held);

-- Whom runs made members of groups, until data that is newer says what became of it, or somebody
-- else ends it.
CREATE TABLE given(
  -- the user, and the group
  holder INTEGER NOT NULL, held INTEGER NOT NULL,
  run_id INTEGER NOT NULL, given_at INTEGER NOT NULL,
  PRIMARY KEY(holder, held)) STRICT, WITHOUT ROWID;
CREATE TRIGGER membership_given_ended AFTER DELETE ON membership
WHEN NOT EXISTS (SELECT 1 FROM raising WHERE origin = 'import')
BEGIN
  DELETE FROM given WHERE holder = old.identity_id AND held = old.group_id;
END;

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

-- Grants that no account holds any more: one that is listed again is the same one, with all that
-- was decided and told of it, unless it was granted after this instant. Before all time where
-- newer data did not list what a run took: what is listed after that is another grant.
CREATE TABLE former_grant(
  permission_id INTEGER NOT NULL, account_id INTEGER NOT NULL, id INTEGER NOT NULL,
  expiry_told INTEGER, last_at INTEGER NOT NULL,
  PRIMARY KEY(permission_id, account_id)) STRICT, WITHOUT ROWID;
CREATE TRIGGER grant_former AFTER DELETE ON access_grant BEGIN
  INSERT OR REPLACE INTO former_grant(permission_id, account_id, id, expiry_told, last_at)
  SELECT old.permission_id, old.account_id, old.id, old.expiry_told,
    iif(r.origin IS 'import', ifnull(old.granted_at, r.at), ifnull(r.at, ifnull(old.granted_at, 0)))
  FROM (SELECT 1) LEFT JOIN raising r ON 1;
END;
-- Whoever gives it back says which one it is.
CREATE TRIGGER grant_again AFTER INSERT ON access_grant
WHEN EXISTS (SELECT 1 FROM former_grant
  WHERE permission_id = new.permission_id AND account_id = new.account_id)
BEGIN
  UPDATE access_grant SET expiry_told = f.expiry_told FROM former_grant f
  WHERE access_grant.id = new.id AND f.id = new.id;
  DELETE FROM former_grant
  WHERE permission_id = new.permission_id AND account_id = new.account_id;
END;

-- What runs changed, in the order in which they did.
CREATE TABLE made(
  id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL, about TEXT NOT NULL) STRICT;
CREATE INDEX made_run ON made(run_id);
CREATE INDEX made_about ON made(about, id);
