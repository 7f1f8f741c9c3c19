policy leavers
  for accounts
  when in group "Salesforce Users" and user.email in ("zoe@acme.example", "olga@acme.example")
  except in group Contractors
  limit none "test"
  then wait 1d, remove from group "Salesforce Users", add to group Contractors, wait 1d, disable account
---
# What the run about one account changes does not end the one about another account of the
# same owner, whichever goes first.
activate leavers
advance 2d
