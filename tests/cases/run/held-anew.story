policy leavers
  for users
  on department changed to "Legal"
  limit 1
  then suspend user
---
# What is held for events is evaluated anew by another version, under its own limit; not by one that
# is only observed.
activate leavers by schedule
company identities.csv: active,Sales -> active,Legal
advance 1h
publish leavers with limit 1 as limit 50
activate leavers by schedule observed
advance 1h
release 1 "they leave"
activate leavers by schedule
release 1 "they leave"
advance 1h
release 1 "they leave"
store held
