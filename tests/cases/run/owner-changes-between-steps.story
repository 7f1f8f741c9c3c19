webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when in group "Salesforce Users" and inactive > 90d
  then remove from group "Salesforce Users", wait 1d, run webhook revoke
---
# Between the steps the account is given to Max, who never was in the group.
activate line
sql UPDATE account SET identity_id = (SELECT id FROM identity WHERE email = 'max@acme.example') WHERE username = 'zoe' AND app_id = (SELECT id FROM app WHERE name_key = 'salesforce');
advance 2d
sent
