policy st
  for accounts in app Salesforce
  every 1d
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner, escalate to manager after 2d for 2d, disable account
---
# Who was asked, and went away so that the run is held, may still decide.
activate st
sql UPDATE identity SET identity_state = 1 WHERE email IN ('zoe@acme.example', 'olga@acme.example', 'dev.lead@acme.example', 'ceo@acme.example')
advance 5d
decide 1 keep by ceo@acme.example
decide 1 keep by zoe@acme.example
decide 2 remove by olga@acme.example
advance 1d
# What is over is not said to wait for an answer.
retry 1
cancel 2
