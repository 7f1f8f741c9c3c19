webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d
  limit 3
  then wait 1d, run webhook revoke
---
# What was observed counts for no limit of what is done in earnest; it has its own.
activate line observed
sql UPDATE account SET last_login = 0, last_seen = 0 WHERE username = 'yan';
activate line observed
activate line
sql UPDATE account SET last_login = 1796000000, last_seen = 1796000000 WHERE username = 'yan';
activate line
