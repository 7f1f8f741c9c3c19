policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner for 3bd remind 1bd, wait 2bd, disable account
  if kept snooze 10bd
---
# It is Friday noon, and Tuesday is a holiday: three business days end on Thursday.
holiday 2026-11-24
activate seats
decide 2 keep by olga@acme.example
sent
advance 5d
advance 5d
advance 20d
