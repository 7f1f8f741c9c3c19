policy away
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  limit none "a test"
  then remove from group "Salesforce Users", unassign from app
---
# Two seats are taken, and the next data shows them still: first data that is older than the taking,
# which says nothing of it.
activate away
advance 1h
sql UPDATE source SET as_of = 1795170000;
import accounts.csv
import memberships.csv
advance 1h
# Then newer data: the runs have failed, and the admin hears of it.
sql UPDATE source SET as_of = NULL;
import accounts.csv
sent
advance 10min
sent
# Somebody sees to it, and it is taken once more. An account of zoe's was made since, which is
# nobody's failure; olga's is gone from now on.
retry 1
retry 2
store account salesforce/zoe
advance 1h
import accounts.csv with zoe@acme.example,active,2022-05-03 as zoe@acme.example,active,2026-11-20T15:00:00Z
import accounts.csv with salesforce,olga,olga@acme.example as salesforce,olga2,
advance 1h
# A membership that the first taking ended is there too: once the data says nothing older.
import memberships.csv
advance 10min
retry 1
store membership Salesforce
