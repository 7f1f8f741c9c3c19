policy leavers
  for users
  on department changed to "Legal"
  then suspend user, notify admin
---
# Observed, it does nothing; as a pilot, it looks at those alone for whom it is one.
activate leavers by schedule observed
event attribute changed, zoe@acme.example, attribute department, new "Legal"
activate leavers by schedule only title contains "IT"
event attribute changed, yan@acme.example, attribute department, new "Legal"
event attribute changed, it@acme.example, attribute department, new "Legal"
store user it@
store user zoe@
