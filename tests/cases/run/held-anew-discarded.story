policy leavers
  for users
  on department changed to "Legal"
  limit 1
  then suspend user
---
# What is held and then discarded is dropped, also where another version was about to evaluate it
# anew; and one that listens to something else does not take it over.
activate leavers by schedule
company identities.csv: active,Sales -> active,Legal
advance 1h
publish leavers with limit 1 as limit 50
activate leavers by schedule
discard 1 "they stay"
advance 1h
publish leavers with limit 50 as limit 1
activate leavers by schedule
advance 1h
company identities.csv: active,Engineering -> active,Legal
advance 1h
publish leavers with department changed to "Legal" as title changed
activate leavers by schedule
advance 1h
store held
