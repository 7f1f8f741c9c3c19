# rows: L52 L53 L54 M16
# The source of a group is asked, and the store follows once it has said yes.
policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then remove from group "Salesforce Users", add to group (Contractors, Engineering), disable account
---
connect okta
connector fails
activate seats
store user zoe
connector works
advance 1h
sent
store user zoe
store group
