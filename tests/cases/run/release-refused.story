policy offices
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 80d
  limit 2
  then disable account
---
activate offices
# What was held is no longer what would be opened: nothing is.
sql UPDATE account SET last_seen = 1780000000, last_login = 1780000000 WHERE username = 'yan';
sql UPDATE account SET last_seen = 1795000000, last_login = 1795000000 WHERE username = 'zoe';
release 1 "in a hurry"
release 7 "there is none"
# The next evaluation puts an end to it, and is held with its own list.
advance 1d
release 1 "too late"
sql UPDATE policy SET active_version = 2;
release 2 "another version"
sql UPDATE policy SET active_version = NULL;
release 2 "not active"
sent
