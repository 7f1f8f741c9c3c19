webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 124d
  limit 2
  then run webhook revoke
---
# Two runs fail on one day, one on the next. Set going together, they begin anew.
webhook refused
activate seats
advance 3d
webhook works
retry 1
retry 2
retry 3
advance 1h
advance 1d
