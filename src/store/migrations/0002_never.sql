-- What never happens: at work from the moment it is published, whichever policies are.
-- The words are those of the item; the text holds also what it refers to.
CREATE TABLE never(
  id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE, text TEXT NOT NULL,
  published_at INTEGER NOT NULL) STRICT;
