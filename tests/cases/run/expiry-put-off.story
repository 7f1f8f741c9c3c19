policy seats
  for accounts in app Salesforce
  on access expired
  then ask manager for 3d, unassign from app
---
# Whoever is given more time while it is asked about their access keeps it, though the event that
# opened the run has happened.
sql UPDATE account SET expires_at = NULL;
sql UPDATE account SET expires_at = unixepoch('2026-11-21T12:00:00Z') WHERE username IN ('zoe', 'yan', 'olga');
activate seats
advance 1d
advance 5h
sql UPDATE account SET expires_at = unixepoch('2027-03-01T00:00:00Z') WHERE username = 'zoe';
sql UPDATE account SET expires_at = NULL WHERE username = 'yan';
advance 3d
advance 1d
