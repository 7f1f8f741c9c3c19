webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then run webhook revoke
---
# The webhook waits while the policy cannot be followed; before it leaves it is checked again.
webhook fails
activate line
advance 1h
sql UPDATE app SET gone_at = 1 WHERE name = 'salesforce';
advance 1h
advance 20d
sql UPDATE account SET last_login = 1796900000, last_seen = 1796900000 WHERE username = 'zoe';
sql UPDATE app SET gone_at = NULL WHERE name = 'salesforce';
webhook works
advance 2d
