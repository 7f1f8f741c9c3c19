policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 3d remind 1d, disable account

policy other
  for accounts in app GitHub
  when inactive > 90d
  then ask manager for 5d, disable account
---
# Nothing runs from the second day on: the window of the first run does not close at once, and
# who was asked is reminded again. The other window has time enough.
activate seats
activate other
advance 1d
outage 3d
sent
advance 3d
