webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d
  except account.status = suspended
  then ask owner, run webhook revoke
---
activate line
advance 6d
sql UPDATE identity SET gone = 1 WHERE email = 'zoe@acme.example';
advance 2d
sent
