policy leavers
  for users
  on department changed to "Legal"
  cancel on department changed from "Legal"
  except in group Execs
  then disable user

policy leads
  for users
  on department changed to "Legal"
  except in group Execs or title contains "Lawyer"
  then suspend user
---
# What cannot be decided as data is too old waits for newer data, and is decided then; what would
# call off a run calls it off, and what is over since opens nothing. For a value that is missing nobody waits.
fresh okta 1d
activate leavers by schedule
activate leads by schedule
advance 2d
event attribute changed, zoe@acme.example, attribute department, new "Legal"
event attribute changed, yan@acme.example, attribute department, new "Legal"
event attribute changed, ceo@acme.example, attribute department, new "Legal"
advance 2h
event attribute changed, yan@acme.example, attribute department, new "Sales"
company identities.csv: Quist,active,Sales -> Quist,active,Legal
event attribute changed, ned@acme.example, attribute department, new "Legal"
advance 1h
# Who puts a policy to work otherwise is told what it does not decide any more.
advance 2d
event attribute changed, max@acme.example, attribute department, new "Legal"
activate leavers by schedule observed
deactivate leads
advance 1d
