webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then run webhook revoke, wait 2d, remove from group "Salesforce Users", notify manager
---
# The account goes while the webhook is under way or after: the normal outcome.
webhook fails
activate line
advance 1h
sql UPDATE account SET gone = 1 WHERE username = 'zoe';
webhook refused
advance 1d
