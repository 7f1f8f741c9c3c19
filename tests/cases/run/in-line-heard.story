policy first
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 91d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner for 2d, disable account

policy second
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner for 2d, unassign from app
---
# rows: L73
# The second question is put as soon as the first asks nobody any more, also where an event that
# the first one raised has the run that waits looked at just before its turn.
activate first by schedule
activate second by schedule
advance 5d
