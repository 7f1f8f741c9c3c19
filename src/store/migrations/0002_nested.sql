-- Since when a group is in a group: who is in one through another is so since the later date.
ALTER TABLE nesting ADD COLUMN joined_at INTEGER;
