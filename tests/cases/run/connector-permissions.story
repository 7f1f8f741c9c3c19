# Permissions are taken where the account lives, one request for each, whether the store shows them
# or not; and `remove access` on a grant takes that one.
policy seats
  for accounts in app Salesforce
  when user.email = "zoe@acme.example"
  then revoke permission ("Sales Cloud", "Service Cloud")
policy one
  for grants in app Salesforce
  when user.email = "yan@acme.example"
  then remove access
---
connect salesforce
connector fails
activate seats
store grant salesforce/zoe
connector works
advance 1h
store grant salesforce/zoe
activate one
sent
store grant salesforce/yan
