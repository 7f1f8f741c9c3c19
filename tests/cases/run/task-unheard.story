policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then task owner "Log in once.", disable account
---
# Nobody can be told of it: the step failed, and can be tried again.
mail refused
activate seats
mail works
retry 1
advance 1h
# Nothing is to be done any more once the condition no longer holds.
sql UPDATE account SET last_login = unixepoch('2026-11-20'), last_seen = unixepoch('2026-11-20') WHERE username = 'zoe'
advance 1d
done 1 by zoe@acme.example
