# rows: S01 S03 S06 S08 S09 S10 S11 S12 S13 S19 S25
# Who leaves is moved on when the time comes; the file says what the states mean, and goes
# before the data. What it changes is pending until somebody has it processed.
lifecycle
  prehire    is active
  active     is active
  leave      is active
  terminated is inactive short-term
  deleted    is inactive long-term
  archived   is inactive long-term disabled

policy move-leavers-on
  for users
  every day at 12:00
  when lifecycle = terminated and since lifecycle.changed_at > 90d
  limit none "a state, no access"
  then set lifecycle deleted
---
store user pat@
store user ned@
activate move-leavers-on by schedule
# The file says something else of those on leave than the data do: Pat is pending.
process lifecycle as a plan
advance 1d
process lifecycle
store user pat@
advance 1d
# Lea is terminated.
sql UPDATE identity SET lifecycle_changed_at = 1795176000 - 86400*10 WHERE email = 'lea@acme.example'
advance 82d
store user lea@
store identity state
# With the policy its item goes, and the data count again.
deactivate move-leavers-on
process lifecycle as a plan
process lifecycle
# Somebody switches a setting off in the data: whoever is in it is active, once processed.
import lifecycle_states.csv with deleted,inactive long-term,true as deleted,inactive long-term,false
process lifecycle as a plan
store user ned@
process lifecycle
store user ned@
store user lea@
