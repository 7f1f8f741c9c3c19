# A run that goes on is cancelled first; what is only observed has changed nothing.
policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then disable account, wait 3d, unassign from app
policy seen
  for accounts in app GitHub
  when inactive > 90d
  then disable account
---
activate seats
undo 1
undo evaluation 1
cancel 1
undo 1
store account salesforce/zoe
activate seen observed
undo 2
