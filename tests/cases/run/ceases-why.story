policy seats
  for accounts in app Salesforce
  when (inactive > 90d or never active) and not in group Contractors
  except user.email = "lea@acme.example"
  then ask owner for 9d, disable account
---
# A run that no longer applies says what no longer holds, with what is on record now.
activate seats
sql UPDATE account SET last_login = unixepoch('2026-11-20'), last_seen = unixepoch('2026-11-20') WHERE username = 'zoe';
advance 10d
