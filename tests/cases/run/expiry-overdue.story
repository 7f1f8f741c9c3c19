policy other
  for accounts in app GitHub
  on access expired
  then notify manager

policy seats
  for accounts in app Salesforce
  on access expired
  then disable account
---
# What ended long ago, while nobody listened, is told once somebody does: it hangs on no run of
# the engine in between.
sql UPDATE account SET expires_at = NULL;
sql UPDATE account SET expires_at = unixepoch('2024-01-01T00:00:00Z') WHERE username IN ('zoe');
activate other
advance 1d
activate seats
advance 1h
advance 1h
