-- Receivers whose last attempts failed in a way that may pass; one that answers has no row.
CREATE TABLE endpoint(
  -- the host and port, or the mail server or a chat
  name TEXT NOT NULL,
  -- the webhook, the call or the connected system there; empty of all that is there
  own TEXT NOT NULL DEFAULT '',
  -- how many attempts failed since it last answered: of all that is there, those that nobody
  -- answered; of one, those that were answered
  failures INTEGER NOT NULL,
  -- nothing is sent there before then; after that one attempt shows whether it answers again
  paused_until INTEGER,
  -- how many attempts of this one nobody answered since somebody there did: the others go first
  missed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(name, own)) STRICT, WITHOUT ROWID;
