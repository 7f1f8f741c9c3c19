policy leavers
  for users
  on department changed to "Legal"
  when not in group Contractors
  then notify admin "{{ user.email }} left."
---
# An event waits for a policy that cannot be followed for a while.
activate leavers by schedule
sql UPDATE grp SET gone = 1 WHERE name = 'Contractors';
event attribute changed, zoe@acme.example, attribute department, new "Legal"
sql UPDATE grp SET gone = 0 WHERE name = 'Contractors';
advance 1h
# What happened before a policy was put to work does not concern it.
deactivate leavers
event attribute changed, yan@acme.example, attribute department, new "Legal"
activate leavers by schedule
advance 1h
