webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 7d, run webhook revoke
---
# Runs in earnest go on while a newer version is observed, and no second one opens beside.
activate line
publish line with 7d as 3d
activate line observed
advance 7d
decide 1 keep by zoe@acme.example
sent
