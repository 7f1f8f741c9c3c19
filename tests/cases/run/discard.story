policy offices
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 80d
  limit 2
  then disable account
---
activate offices
discard 1 "a test"
sent
# It is held again, for it would still pass the limit; but nobody is told of the same list twice.
advance 1d
sent
discard 1 "again"
release 1 "again"
# Now that it fits, it is not held any more.
sql UPDATE account SET last_seen = 1795000000, last_login = 1795000000 WHERE username IN ('zoe', 'pat');
advance 1d
release 2 "too late"
