# Where a connected system has the word on users, they are changed there first.
policy leavers
  for users
  when email = "zoe@acme.example"
  then set title = "Alumna", disable user
policy gone
  for users
  when email = "yan@acme.example"
  then delete user
---
connect okta with users
connector fails
activate leavers
store user zoe
connector works
advance 1h
activate gone
sent
store user zoe
store user yan
