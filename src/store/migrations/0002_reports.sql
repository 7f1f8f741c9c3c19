-- What an evaluation is to be told of: written once nothing is due any more, so that what followed
-- at once is told too. From which line of the trail to which it tells; NULL until it is written.
CREATE TABLE report(
  evaluation_id INTEGER PRIMARY KEY, policy_id INTEGER NOT NULL, body TEXT NOT NULL,
  told_from INTEGER NOT NULL, told_to INTEGER) STRICT;
CREATE INDEX report_due ON report(evaluation_id) WHERE told_to IS NULL;
CREATE INDEX report_told ON report(policy_id, told_to) WHERE told_to IS NOT NULL;
