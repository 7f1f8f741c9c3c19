policy d001
  for accounts in app Salesforce
  when inactive >= 1d and user.email = "zoe@acme.example"
  then notify admin
policy d007
  for accounts in app Salesforce
  when inactive >= 7d and user.email = "zoe@acme.example"
  then notify admin
policy d015
  for accounts in app Salesforce
  when inactive >= 15d and user.email = "zoe@acme.example"
  then notify admin
policy d030
  for accounts in app Salesforce
  when inactive >= 30d and user.email = "zoe@acme.example"
  then notify admin
policy d045
  for accounts in app Salesforce
  when inactive >= 45d and user.email = "zoe@acme.example"
  then notify admin
policy d060
  for accounts in app Salesforce
  when inactive >= 60d and user.email = "zoe@acme.example"
  then notify admin
policy d090
  for accounts in app Salesforce
  when inactive and user.email = "zoe@acme.example"
  then notify admin
policy d180
  for accounts in app Salesforce
  when inactive >= 180d and user.email = "zoe@acme.example"
  then notify admin
policy d400
  for accounts in app Salesforce
  when inactive >= 400d and user.email = "zoe@acme.example"
  then notify admin
policy over
  for accounts in app Salesforce
  when inactive > 7d and user.email = "zoe@acme.example"
  then notify admin
policy silent
  for accounts in app Salesforce
  when not inactive <= 7d and account.username = "svc-sync"
  then notify admin
policy silent-too
  for accounts in app Salesforce
  when not inactive > 7d and account.username = "svc-sync"
  then notify admin
---
# rows: L16 L17 L18 L24 M49 M50
# Last seen at this very instant: each opens on its day; without a number that is day 90.
sql UPDATE account SET last_login = unixepoch('2026-11-20T12:00:00Z'), last_activity = NULL, last_seen = unixepoch('2026-11-20T12:00:00Z') WHERE username = 'zoe';
activate d001
activate d007
activate d015
activate d030
activate d045
activate d060
activate d090
activate d180
activate d400
activate over
# Who never gave a sign of life is in none, however it is asked.
activate silent
activate silent-too
advance 401d
