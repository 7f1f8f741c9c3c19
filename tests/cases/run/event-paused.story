policy leavers
  for users
  on user suspended
  cancel on lifecycle changed to active
  then wait 3d, delete user
---
# Whatever happens while a policy is paused is heard when it goes on, and heeded before its open
# runs do anything.
activate leavers by schedule
event user suspended, zoe@acme.example
pause leavers "audit"
event attribute changed, zoe@acme.example, attribute lifecycle, new "terminated"
event attribute changed, zoe@acme.example, attribute lifecycle, new "active"
event user suspended, olga@acme.example
advance 10d
resume leavers
advance 4d
