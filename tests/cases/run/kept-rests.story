policy seats
  for accounts in app Salesforce
  when inactive > 60d and user.email = "zoe@acme.example"
  then ask owner for 7d, disable account
---
# rows: L45 L44
# A keep ends the run, and nothing opens for as long as the policy compares with.
activate seats
advance 1d
decide 1 keep by zoe@acme.example
advance 59d
store account salesforce/zoe
advance 1d
decide 2 remove by zoe@acme.example
advance 1h
