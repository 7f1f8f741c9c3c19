webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and in group "Salesforce Users"
  limit 3
  then remove from group "Salesforce Users", wait 3d, run webhook revoke
---
# What it would have changed is known to the run alone; the store stays as it is.
activate line observed
advance 2d
# In earnest: the observed ones end, and count for no limit.
activate line
advance 4d
sent
