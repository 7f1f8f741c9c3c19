webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask admin, run webhook revoke
---
# No question ever arrives; the admin only hears that the run is held.
mail fails
activate line
advance 25h
mail works
advance 24h
mail refused
retry 1
advance 1h
