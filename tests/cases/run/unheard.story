webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 5

policy both
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask (owner, manager), run webhook revoke

policy hook
  for accounts in app GitHub
  when inactive > 90d
  then run webhook revoke
---
# rows: W28
# A review that is over asks nobody any more, and a run that was stopped takes nothing, also
# where an attempt was still to be made.
mail fails
webhook fails
activate both
activate hook
decide 1 keep by zoe@acme.example
cancel 2
sent
mail works
webhook works
advance 5d
sent
