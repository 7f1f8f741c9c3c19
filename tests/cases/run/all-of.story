webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 0

webhook audit
  url "https://hooks.acme.example/audit"

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then all of (run webhook revoke, remove from group "Salesforce Users", run webhook audit or skip,
               add to group Contractors, notify manager),
       disable account
---
# rows: O19
# Each is tried; the failure of one stops no other, and then the whole has failed.
webhook refused
activate seats
advance 1d
# What failed is tried again, and nothing else.
retry 1
advance 1h
sent
webhook works
retry 1
advance 1h
sent
