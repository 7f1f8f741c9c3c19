webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d
  except in group Execs
  then ask owner for 7d, run webhook revoke
---
# rows: L62 L63 L64 L67 L68 L69 M25
# Deactivated right after: no message is taken back, and whoever was asked may answer.
activate line
deactivate line
sent
advance 2d
decide 2 keep by olga@acme.example
# Nobody new is asked, whoever matches by now.
sql UPDATE account SET last_login = 0, last_seen = 0 WHERE username = 'yan';
advance 6d
# Put to work again it goes on where it would have been.
activate line
