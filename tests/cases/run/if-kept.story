webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  when inactive > 90d
  except in group Execs
  then ask (owner, manager), run webhook revoke
  if kept notify owner, wait 1d, notify manager "{{ user.name }} keeps {{ app.label }}.", add to group Contractors
---
# rows: L44 L55 L59 L60
activate seats
sent
# A decision to keep is told by the steps behind `if kept`, and by nothing else.
decide 1 keep by olga@acme.example
sent
# It was decided: nobody decides again, and what the condition says now changes nothing.
decide 1 remove by zoe@acme.example
sql UPDATE account SET last_login = unixepoch('2026-11-21'), last_seen = unixepoch('2026-11-21') WHERE username = 'zoe'
advance 2d
sent
# A decision to remove goes on behind the review.
decide 2 remove by olga@acme.example
advance 1d
sent
