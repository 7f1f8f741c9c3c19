webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d
  except in group Execs
  reviewers it@acme.example
  then ask owner, escalate after 7d, run webhook revoke
---
# A refused notice is no question: the next stage is asked at once. Where no notice at all
# arrives, silence decides nothing.
mail refused
activate line
mail fails
advance 1d
