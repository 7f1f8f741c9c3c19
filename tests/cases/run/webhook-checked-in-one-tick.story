webhook revoke
  url "https://hooks.acme.example/revoke"
policy call
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  except in group Contractors
  then run webhook revoke
policy contractors
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then add to group Contractors
---
# The webhook is decided first; before it leaves, in the same tick, the exception comes to hold.
activate call by schedule
activate contractors by schedule
advance 1d
sent
