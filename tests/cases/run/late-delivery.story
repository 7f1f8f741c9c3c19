webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and has permission "Sales Cloud" and user.email = "zoe@acme.example"
  then ask owner for 2d, run webhook revoke
---
# The window counts from the delivery of the notice.
mail fails
activate line
advance 4h
mail works
advance 4h
advance 2d
