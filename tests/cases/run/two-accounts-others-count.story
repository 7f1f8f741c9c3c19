policy leavers
  for accounts
  when in group "Salesforce Users" and user.email = "zoe@acme.example"
  limit none "test"
  then wait 1d, remove from group "Salesforce Users", wait 1d, verify account.status != suspended, disable account

policy other
  for accounts in app Salesforce
  when user.email = "zoe@acme.example"
  limit none "test"
  then wait 12h, remove from group "Salesforce Users"
---
# What the runs of another policy change counts for all.
activate leavers
activate other
advance 3d
