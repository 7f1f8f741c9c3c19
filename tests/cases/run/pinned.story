webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 7d, run webhook revoke
---
# rows: L71 L70 M27
# An open run keeps the windows and steps of the version that opened it.
activate line
advance 2d
publish line with 7d, run as 20d, notify admin, run
activate line
# Its version cannot be deleted while it is open.
delete line version 1
advance 5d
delete line version 1
# What she is asked next, after having been active in between, is the new version's.
sql UPDATE account SET last_login = 1796000000, last_seen = 1796000000 WHERE username = 'zoe';
advance 115d
advance 7d
# A decision after the end is refused with the reason, also where the version is gone.
decide 1 keep by zoe@acme.example
