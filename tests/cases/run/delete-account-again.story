# Deleted by somebody else in between: the run ends, for its subject is gone.
policy idle
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then wait 2d, delete account
policy later
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then wait 1d, delete account, wait 2d, notify owner "Gone"
---
activate idle
activate later
advance 4d
store account salesforce/zoe
