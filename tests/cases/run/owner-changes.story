webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "max@acme.example")
  then ask owner, remove from group ("Salesforce Users", Engineering), run webhook revoke
---
# Half-way through the window the account is given to Max: he is asked anew.
activate line
advance 6d
sql UPDATE account SET identity_id = (SELECT id FROM identity WHERE email = 'max@acme.example') WHERE username = 'zoe' AND app_id = (SELECT id FROM app WHERE name_key = 'salesforce');
advance 2d
sent
