policy seats
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner for 7d remind 2d, wait 3d, disable account
---
# A window of seven days is open for three of them when the policy is paused for ten.
activate seats by schedule
advance 1d
advance 3d
pause seats "an audit"
pause seats "once more"
# Nothing moves, and nothing is due.
advance 10d
# What somebody says is taken in; what follows it waits.
decide 1 remove by zoe@acme.example
advance 1h
sent
resume seats
resume seats
# The other one is reminded and closes as late as it was paused; the schedule is caught up once.
advance 1d
advance 12d
sent
