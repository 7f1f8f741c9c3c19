webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner, run webhook revoke
---
# Cancelled while the account is missing from an import: it rests when it is back.
activate line
sql UPDATE account SET gone = 1 WHERE username = 'zoe';
cancel 1
sql UPDATE account SET gone = 0 WHERE username = 'zoe';
advance 1d
