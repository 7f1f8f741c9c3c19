policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask manager for 3d, if ignored keep, disable account
  if kept snooze 20d
---
# rows: L45
activate seats
# A keep holds for as long as `snooze` says.
decide 1 keep by olga@acme.example
# Silence keeps too, and rests for the length that the policy compares with.
advance 19d
advance 2d
advance 90d
