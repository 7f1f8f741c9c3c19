# rows: L54 O19
# A source that cannot be read fails the step, and nothing changes.
policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then all of (delete account, remove from group "Salesforce Users")
---
connect salesforce
connector fails
activate seats
advance 3d
store account salesforce/zoe
connector works
retry 1
advance 1h
store account salesforce/zoe
sent
