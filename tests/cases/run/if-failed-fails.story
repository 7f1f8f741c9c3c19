webhook revoke
  url "https://hooks.acme.example/revoke"

webhook page
  url "https://hooks.acme.example/page"

policy seats
  for accounts in app GitHub
  when inactive > 90d
  then run webhook revoke
  if failed run webhook page
---
# What was to follow a failure fails too: the admin hears of both.
webhook refused
activate seats
sent
# Once nothing is to be taken any more, nothing has failed either.
sql UPDATE account SET last_login = unixepoch('2026-11-20'), last_seen = unixepoch('2026-11-20') WHERE username = 'lroux'
advance 1d
