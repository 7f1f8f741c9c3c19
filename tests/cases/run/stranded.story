policy st
  for accounts in app Salesforce
  when inactive > 90d and has permission "Sales Cloud" and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner for 3d, disable account
  if kept notify owner "It stays."
---
# What was sent can be answered, also where the version that opened the run names what is gone.
activate st
publish st with has permission "Sales Cloud" and user as user
activate st version 2 by schedule
sql UPDATE permission SET gone = 1 WHERE label = 'Sales Cloud'
advance 1d
decide 1 keep by zoe@acme.example
decide 2 remove by ceo@acme.example
decide 2 remove by olga@acme.example
retry 2
# Nothing is taken meanwhile, whatever the time is, and nobody decides twice.
advance 5d
decide 2 keep by olga@acme.example
# What follows the answers comes when all is there again.
sql UPDATE permission SET gone = 0 WHERE label = 'Sales Cloud'
advance 1d
