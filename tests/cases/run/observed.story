webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner, escalate to manager after 7d, run webhook revoke, disable account
---
# Everything is decided and put on record, nobody is asked and nothing is done.
activate line by schedule observed
advance 1d
decide 1 keep by zoe@acme.example
cancel 1
# It goes on for those who are still inactive.
sql UPDATE account SET last_login = 1763800000 + 31536000, last_seen = 1763800000 + 31536000 WHERE username = 'olga';
advance 1d
publish line with 7d as 5d
activate line observed
advance 13d
sent
# A removal that was only observed stands in the way of nothing.
activate line
sent
advance 11d
sent
