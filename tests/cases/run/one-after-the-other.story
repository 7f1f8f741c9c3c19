webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner, escalate after 3d, run webhook revoke

policy left
  for accounts in app Salesforce
  when not in group Execs and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask (owner, manager) for 2d, disable account
  if kept snooze 9d
---
# rows: L73
# One person is asked about one account once at a time: the second run waits for the first.
activate seats
activate left
advance 1d
decide 1 keep by zoe@acme.example
# Then it is their turn, and whoever of the others is asked by both waits likewise.
advance 1d
decide 3 keep by olga@acme.example
# After a removal there may be nothing left to ask about.
decide 4 remove by ceo@acme.example
advance 1h
sql UPDATE identity SET email = 'olga@other.example', email_key = 'olga@other.example' WHERE email = 'olga@acme.example'
decide 2 remove by olga@acme.example
advance 1d
