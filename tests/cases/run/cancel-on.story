policy leavers
  for users
  on lifecycle changed to terminated
  cancel on lifecycle changed to active
  then wait 30d, delete user

policy idle
  for accounts in app Salesforce
  when inactive > 90d
  except in group Execs
  cancel on (user updated, department changed to "Legal")
  then ask owner for 7d, disable account
---
# An event ends an open run, also while people are asked; another leave opens another.
activate leavers by schedule
activate idle
event attribute changed, zoe@acme.example, attribute lifecycle, new "terminated"
advance 2d
event attribute changed, zoe@acme.example, attribute lifecycle, new "active"
event attribute changed, zoe@acme.example, attribute lifecycle, new "terminated"
event user updated, olga@acme.example, by self, user {"title": "Head"}
decide 2 remove by olga@acme.example
# Deactivated, its open runs still heed what they did.
deactivate leavers
event attribute changed, zoe@acme.example, attribute lifecycle, new "active"
advance 40d
