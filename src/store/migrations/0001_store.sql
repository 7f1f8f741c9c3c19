-- Everything in one file: who there is, what they hold, the policies, and what became of them.
-- Instants are seconds since 1970-01-01T00:00:00Z. A missing fact is NULL.
-- A column named *_key holds its neighbour folded for comparison (text::fold).
-- identity_id 0 on an account means: it has no owner.

CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE app(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
  label TEXT, label_key TEXT, instance_id TEXT, owner_email TEXT, gone_at INTEGER,
  -- counted by triggers, as are the members and holders below
  accounts INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE source(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('integration', 'idp', 'email', 'hr', 'manual')),
  app_id INTEGER, connector TEXT, as_of INTEGER, imported_at INTEGER,
  declared INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE lifecycle_state(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
  identity_state INTEGER, enabled INTEGER NOT NULL DEFAULT 1) STRICT;

CREATE TABLE identity(
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL, email_key TEXT NOT NULL,
  username TEXT, given_name TEXT, family_name TEXT, status TEXT,
  department TEXT, department_key TEXT, title TEXT, title_key TEXT,
  manager_email TEXT, manager_key TEXT,
  lifecycle_id INTEGER, lifecycle_changed_at INTEGER,
  -- 0 active, 1 inactive short-term, 2 inactive long-term; computed from lifecycle_state
  identity_state INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER, password_changed_at INTEGER, password_expires_at INTEGER,
  locale TEXT, gone INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE account(
  id INTEGER PRIMARY KEY, app_id INTEGER NOT NULL, identity_id INTEGER NOT NULL,
  username TEXT NOT NULL, username_key TEXT NOT NULL, status TEXT,
  created_at INTEGER, expires_at INTEGER, source_id INTEGER,
  -- what the order of sources gives, and the later of the two; computed from activity
  last_login INTEGER, last_login_source INTEGER,
  last_activity INTEGER, last_activity_source INTEGER,
  last_seen INTEGER, gone INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE activity(
  account_id INTEGER NOT NULL, source_id INTEGER NOT NULL,
  last_login_at INTEGER, last_activity_at INTEGER,
  PRIMARY KEY(account_id, source_id)) STRICT, WITHOUT ROWID;

CREATE TABLE session(
  id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, name TEXT NOT NULL,
  started_at INTEGER, UNIQUE(account_id, name)) STRICT;

CREATE TABLE grp(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL,
  source_id INTEGER NOT NULL, kind TEXT, app_id INTEGER,
  privileged INTEGER NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0,
  members INTEGER NOT NULL DEFAULT 0, UNIQUE(name_key, source_id)) STRICT;

-- Members as they are: those named directly, and those reached through nested groups.
CREATE TABLE membership(
  group_id INTEGER NOT NULL, identity_id INTEGER NOT NULL,
  joined_at INTEGER, direct INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY(group_id, identity_id)) STRICT, WITHOUT ROWID;

CREATE TABLE nesting(
  group_id INTEGER NOT NULL, member_group_id INTEGER NOT NULL,
  PRIMARY KEY(group_id, member_group_id)) STRICT, WITHOUT ROWID;

CREATE TABLE role(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
  is_default INTEGER NOT NULL DEFAULT 0, privileged INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0, members INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE role_member(
  role_id INTEGER NOT NULL, identity_id INTEGER NOT NULL, granted_at INTEGER,
  PRIMARY KEY(role_id, identity_id)) STRICT, WITHOUT ROWID;

CREATE TABLE permission(
  id INTEGER PRIMARY KEY, app_id INTEGER NOT NULL,
  value TEXT NOT NULL, value_key TEXT NOT NULL, label TEXT NOT NULL, label_key TEXT NOT NULL,
  type TEXT, source TEXT, price TEXT, privileged INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0, holders INTEGER NOT NULL DEFAULT 0,
  UNIQUE(app_id, value_key)) STRICT;

CREATE TABLE access_grant(
  id INTEGER PRIMARY KEY, permission_id INTEGER NOT NULL, account_id INTEGER NOT NULL,
  source_id INTEGER, granted_at INTEGER, expires_at INTEGER,
  requested_by TEXT, request_comment TEXT) STRICT;

-- Columns of the data that have none here.
CREATE TABLE attribute(
  id INTEGER PRIMARY KEY, level TEXT NOT NULL CHECK (level IN ('user', 'account')),
  name TEXT NOT NULL, name_key TEXT NOT NULL, UNIQUE(level, name_key)) STRICT;

-- The value as written, folded, and read as an instant or a number where it can be.
CREATE TABLE identity_attribute(
  attribute_id INTEGER NOT NULL, identity_id INTEGER NOT NULL,
  value TEXT NOT NULL, value_key TEXT NOT NULL, at INTEGER, number REAL,
  PRIMARY KEY(attribute_id, identity_id)) STRICT, WITHOUT ROWID;

CREATE TABLE account_attribute(
  attribute_id INTEGER NOT NULL, account_id INTEGER NOT NULL,
  value TEXT NOT NULL, value_key TEXT NOT NULL, at INTEGER, number REAL,
  PRIMARY KEY(attribute_id, account_id)) STRICT, WITHOUT ROWID;

-- Policies and what became of them.

CREATE TABLE policy(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
  -- the active version, and the instant from which its schedule counts
  active_version INTEGER, scheduled_from INTEGER) STRICT;

CREATE TABLE policy_version(
  policy_id INTEGER NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL,
  published_at INTEGER NOT NULL, activated_at INTEGER,
  -- what the names in the text stood for when it was activated, as JSON
  names TEXT,
  PRIMARY KEY(policy_id, version)) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation(
  id INTEGER PRIMARY KEY, policy_id INTEGER NOT NULL, version INTEGER NOT NULL,
  at INTEGER NOT NULL, cause TEXT NOT NULL, opened INTEGER NOT NULL,
  held INTEGER NOT NULL DEFAULT 0, report TEXT NOT NULL) STRICT;

CREATE TABLE run(
  id INTEGER PRIMARY KEY, policy_id INTEGER NOT NULL, version INTEGER NOT NULL,
  -- 0 account, 1 user
  subject_kind INTEGER NOT NULL, subject_id INTEGER NOT NULL, subject_name TEXT NOT NULL,
  state TEXT NOT NULL, opened_at INTEGER NOT NULL, ended_at INTEGER,
  -- no other run opens for this policy and subject before then: the end of time while it is
  -- open, and after a removal until the subject was once seen not to match
  blocks_until INTEGER NOT NULL,
  wake_at INTEGER, body TEXT NOT NULL) STRICT;

CREATE TABLE trail(
  id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, at INTEGER NOT NULL,
  event TEXT NOT NULL) STRICT;

-- What is to leave: committed with the decision, sent after it, with the exact bytes.
CREATE TABLE outbox(
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, run_id INTEGER,
  effect TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER, created_at INTEGER NOT NULL, done_at INTEGER, outcome TEXT) STRICT;
