-- What happened, in the order in which it became known: told by another system, brought by an
-- import, done by a run, or come with the clock.
CREATE TABLE event(
  id INTEGER PRIMARY KEY,
  -- the name that its sender gave it, so that it counts once, and what the sender said
  key TEXT UNIQUE, body TEXT,
  kind TEXT NOT NULL,
  -- about whom: one of these
  identity_id INTEGER, account_id INTEGER, grant_id INTEGER,
  -- what a grant was of: nothing else is left of one that was taken
  held_by INTEGER, permission_id INTEGER,
  -- the attribute that has changed, from what to what; or the name of the event or request
  about TEXT, was TEXT, becomes TEXT, group_id INTEGER,
  origin TEXT,
  -- what belongs together is one evaluation for those who listen
  batch INTEGER,
  -- the run that did it, and how many policies stood before it in a chain of events
  policy_id INTEGER, run_id INTEGER, depth INTEGER NOT NULL DEFAULT 0,
  at INTEGER, received_at INTEGER,
  -- why it starts nothing: 1 where what is later was told of the same already, 2 where the same was
  late INTEGER NOT NULL DEFAULT 0,
  -- what a gate answered, as JSON
  answer TEXT) STRICT;
CREATE INDEX event_batch ON event(batch, identity_id, account_id, grant_id)
  WHERE batch IS NOT NULL;
CREATE TRIGGER event_of_grant AFTER INSERT ON event WHEN new.grant_id IS NOT NULL BEGIN
  UPDATE event SET held_by = g.account_id, permission_id = g.permission_id
  FROM access_grant g WHERE event.id = new.id AND g.id = new.grant_id;
END;

-- Of when the latest event is that said something of an attribute or a membership; and as of
-- when an import has told of users, of all (subject '') or of one.
CREATE TABLE spoken(
  subject TEXT NOT NULL, about TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(subject, about)) STRICT, WITHOUT ROWID;

-- Up to which event a policy has listened, and up to which its open runs have.
ALTER TABLE policy ADD COLUMN heard_to INTEGER NOT NULL DEFAULT 0;
ALTER TABLE policy ADD COLUMN heeded_to INTEGER NOT NULL DEFAULT 0;

-- On whose behalf the store is being changed: there for as long as a transaction changes it.
CREATE TABLE raising(
  one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL, origin TEXT, batch INTEGER,
  policy_id INTEGER, run_id INTEGER, depth INTEGER NOT NULL DEFAULT 0,
  -- 1: users are read for the first time, which is no news; 2: nothing is told
  quiet INTEGER NOT NULL DEFAULT 0,
  -- accounts behind this one are new: what is known of them is no change
  known_accounts INTEGER) STRICT;

-- Whatever changes the store tells of it, once in a batch; who is new has not changed, nor has what
-- is only written in other cases. What is
-- raised on whose behalf comes first (CROSS JOIN), whatever the planner thinks: the other way
-- round each event would be compared with all that ever happened.
CREATE VIEW raised AS SELECT
  NULL AS kind, NULL AS identity_id, NULL AS account_id, NULL AS grant_id, NULL AS about,
  NULL AS was, NULL AS becomes, NULL AS group_id;
CREATE TRIGGER event_raised INSTEAD OF INSERT ON raised
WHEN NOT EXISTS (SELECT 1 FROM raising WHERE quiet = 2) AND NOT EXISTS (
  SELECT 1 FROM raising CROSS JOIN event e ON e.batch = raising.batch
    AND e.identity_id IS new.identity_id AND e.account_id IS new.account_id
    AND e.grant_id IS new.grant_id
  WHERE e.kind = new.kind AND e.about IS new.about AND e.group_id IS new.group_id
    OR e.kind = 'user created' AND new.kind IN ('attribute changed', 'user updated'))
BEGIN
  INSERT INTO event(kind, identity_id, account_id, grant_id, about, was, becomes, group_id,
    origin, batch, policy_id, run_id, depth, at)
  SELECT new.kind, new.identity_id, new.account_id, new.grant_id, new.about, new.was,
    new.becomes, new.group_id, r.origin, r.batch, r.policy_id, r.run_id, ifnull(r.depth, 0), r.at
  FROM (SELECT 1) LEFT JOIN raising r ON 1;
END;

CREATE TRIGGER identity_made AFTER INSERT ON identity
WHEN NOT EXISTS (SELECT 1 FROM raising WHERE quiet = 1) BEGIN
  INSERT INTO raised(kind, identity_id) VALUES ('user created', new.id);
END;
CREATE TRIGGER identity_changed AFTER UPDATE ON identity
WHEN new.gone = 0 AND NOT EXISTS (SELECT 1 FROM raising WHERE quiet = 1) BEGIN
  INSERT INTO raised(kind, identity_id, about, was, becomes)
  SELECT 'attribute changed', new.id, about, was, becomes FROM (
    SELECT 'username' AS about, old.username AS was, new.username AS becomes
    UNION ALL SELECT 'given_name', old.given_name, new.given_name
    UNION ALL SELECT 'family_name', old.family_name, new.family_name
    UNION ALL SELECT 'status', old.status, new.status
    UNION ALL SELECT 'department', old.department, new.department
    WHERE old.department_key IS NOT new.department_key
    UNION ALL SELECT 'title', old.title, new.title WHERE old.title_key IS NOT new.title_key
    UNION ALL SELECT 'manager', old.manager_email, new.manager_email
    WHERE old.manager_key IS NOT new.manager_key
    UNION ALL SELECT 'locale', old.locale, new.locale
    UNION ALL SELECT 'lifecycle',
      (SELECT name FROM lifecycle_state WHERE id = old.lifecycle_id),
      (SELECT name FROM lifecycle_state WHERE id = new.lifecycle_id)
    UNION ALL SELECT 'identity state',
      CASE old.identity_state WHEN 0 THEN 'active' WHEN 1 THEN 'inactive short-term'
        ELSE 'inactive long-term' END,
      CASE new.identity_state WHEN 0 THEN 'active' WHEN 1 THEN 'inactive short-term'
        ELSE 'inactive long-term' END
    UNION ALL SELECT 'password_changed_at',
      strftime('%Y-%m-%dT%H:%M:%SZ', old.password_changed_at, 'unixepoch'),
      strftime('%Y-%m-%dT%H:%M:%SZ', new.password_changed_at, 'unixepoch')
    UNION ALL SELECT 'password_expires_at',
      strftime('%Y-%m-%dT%H:%M:%SZ', old.password_expires_at, 'unixepoch'),
      strftime('%Y-%m-%dT%H:%M:%SZ', new.password_expires_at, 'unixepoch')
  ) WHERE lower(was) IS NOT lower(becomes);
  INSERT INTO raised(kind, identity_id)
  SELECT 'user suspended', new.id WHERE new.status = 'suspended' AND old.status IS NOT 'suspended';
  INSERT INTO raised(kind, identity_id)
  SELECT 'user updated', new.id
  WHERE (lower(old.username), lower(old.given_name), lower(old.family_name), old.status,
      old.department_key, old.title_key, old.manager_key, lower(old.locale), old.lifecycle_id,
      old.gone)
    IS NOT (lower(new.username), lower(new.given_name), lower(new.family_name), new.status,
      new.department_key, new.title_key, new.manager_key, lower(new.locale), new.lifecycle_id,
      new.gone);
END;

CREATE TRIGGER identity_attribute_set BEFORE INSERT ON identity_attribute
WHEN NOT EXISTS (SELECT 1 FROM raising WHERE quiet = 1) AND new.value_key IS NOT
  (SELECT value_key FROM identity_attribute
   WHERE attribute_id = new.attribute_id AND identity_id = new.identity_id)
BEGIN
  INSERT INTO raised(kind, identity_id, about, was, becomes)
  SELECT 'attribute changed', new.identity_id, name_key,
    (SELECT value FROM identity_attribute
     WHERE attribute_id = new.attribute_id AND identity_id = new.identity_id), new.value
  FROM attribute WHERE id = new.attribute_id;
  INSERT INTO raised(kind, identity_id) VALUES ('user updated', new.identity_id);
END;
CREATE TRIGGER identity_attribute_lost AFTER DELETE ON identity_attribute BEGIN
  INSERT INTO raised(kind, identity_id, about, was)
  SELECT 'attribute changed', old.identity_id, name_key, old.value
  FROM attribute WHERE id = old.attribute_id;
  INSERT INTO raised(kind, identity_id) VALUES ('user updated', old.identity_id);
END;

-- Who is in a group whose source is read for the first time has not joined it now, nor who was
-- taken out of one and is listed still.
CREATE TRIGGER membership_joined AFTER INSERT ON membership
WHEN NOT EXISTS (SELECT 1 FROM raising WHERE origin = 'import')
  OR EXISTS (SELECT 1 FROM grp JOIN source ON source.id = grp.source_id
             WHERE grp.id = new.group_id AND source.imported_at IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM taken WHERE kind = 'membership'
      AND holder = new.identity_id AND held = new.group_id
      AND ifnull(new.joined_at, 0) <= taken_at)
BEGIN
  INSERT INTO raised(kind, identity_id, group_id)
  VALUES ('group joined', new.identity_id, new.group_id);
END;
CREATE TRIGGER membership_left AFTER DELETE ON membership BEGIN
  INSERT INTO raised(kind, identity_id, group_id)
  VALUES ('group left', old.identity_id, old.group_id);
END;

CREATE TRIGGER account_changed AFTER UPDATE OF status, identity_id, expires_at ON account
WHEN new.gone = 0 BEGIN
  INSERT INTO raised(kind, account_id, about, was, becomes)
  SELECT 'attribute changed', new.id, about, was, becomes FROM (
    SELECT 'status' AS about, old.status AS was, new.status AS becomes
    UNION ALL SELECT 'owner', (SELECT email FROM identity WHERE id = old.identity_id),
      (SELECT email FROM identity WHERE id = new.identity_id)
    UNION ALL SELECT 'expires_at',
      strftime('%Y-%m-%dT%H:%M:%SZ', old.expires_at, 'unixepoch'),
      strftime('%Y-%m-%dT%H:%M:%SZ', new.expires_at, 'unixepoch')
  ) WHERE was IS NOT becomes;
END;
CREATE TRIGGER account_attribute_set BEFORE INSERT ON account_attribute
WHEN new.account_id <= ifnull((SELECT known_accounts FROM raising), new.account_id)
  AND new.value_key IS NOT (SELECT value_key FROM account_attribute
    WHERE attribute_id = new.attribute_id AND account_id = new.account_id)
BEGIN
  INSERT INTO raised(kind, account_id, about, was, becomes)
  SELECT 'attribute changed', new.account_id, name_key,
    (SELECT value FROM account_attribute
     WHERE attribute_id = new.attribute_id AND account_id = new.account_id), new.value
  FROM attribute WHERE id = new.attribute_id;
END;
CREATE TRIGGER account_attribute_lost AFTER DELETE ON account_attribute BEGIN
  INSERT INTO raised(kind, account_id, about, was)
  SELECT 'attribute changed', old.account_id, name_key, old.value
  FROM attribute WHERE id = old.attribute_id;
END;
CREATE TRIGGER access_grant_changed AFTER UPDATE OF expires_at ON access_grant
WHEN old.expires_at IS NOT new.expires_at BEGIN
  INSERT INTO raised(kind, grant_id, about, was, becomes) VALUES ('attribute changed', new.id,
    'expires_at', strftime('%Y-%m-%dT%H:%M:%SZ', old.expires_at, 'unixepoch'),
    strftime('%Y-%m-%dT%H:%M:%SZ', new.expires_at, 'unixepoch'));
END;

-- The expiry that was told of: each is told of once.
ALTER TABLE account ADD COLUMN expiry_told INTEGER;
ALTER TABLE access_grant ADD COLUMN expiry_told INTEGER;
CREATE INDEX account_expiry ON account(expires_at)
  WHERE expires_at IS NOT NULL AND expiry_told IS NOT expires_at;
CREATE INDEX grant_expiry ON access_grant(expires_at)
  WHERE expires_at IS NOT NULL AND expiry_told IS NOT expires_at;
