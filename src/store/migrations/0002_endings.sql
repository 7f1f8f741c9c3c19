-- The policies that the engine makes of what `app` items say, for access that expires: of which
-- policy's text, and whether one is meant to be at work. One that is meant to be and is not was
-- deactivated by somebody.
CREATE TABLE ending(
  policy_id INTEGER PRIMARY KEY, app_id INTEGER NOT NULL, kind INTEGER NOT NULL,
  source_id INTEGER NOT NULL, source_version INTEGER NOT NULL, at_work INTEGER NOT NULL,
  UNIQUE(app_id, kind)) STRICT;
