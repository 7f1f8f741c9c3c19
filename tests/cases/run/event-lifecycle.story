policy leavers
  for users
  on lifecycle changed to terminated
  then remove from group "Salesforce Users", notify admin "{{ user.email }} left."

policy away
  for users
  on identity state changed from active
  then notify manager "{{ user.email }} is {{ user.identity_state }}."

policy gone
  for users
  on lifecycle changed to deleted
  then notify admin "{{ user.email }} is long gone."
---
# rows: S10 S11 S36 S21 S31
# A change of the lifecycle state changes the identity state with it, and both are events. People who
# are gone for long are reached too.
activate leavers by schedule
activate away by schedule
activate gone by schedule
event attribute changed, zoe@acme.example, attribute lifecycle, old "active", new "terminated"
event attribute changed, zoe@acme.example, attribute lifecycle_state, new "deleted"
# What comes late says nothing any more.
event attribute changed, zoe@acme.example, attribute lifecycle, new "active", at -2d
event attribute changed, zoe@acme.example, attribute lifecycle, new "sabbatical"
event attribute changed, zoe@acme.example, attribute lifecycl, new "active"
event attribute changed, zoe@acme.example, attribute identity state, new "active"
event attribute changed, nobody@acme.example, attribute title, new "CEO"
event attribute change, zoe@acme.example
store user zoe@
