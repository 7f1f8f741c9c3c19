webhook bad
  url "https://hooks.acme.example/bad"

policy seats
  for accounts in app GitHub
  when inactive > 90d
  then run webhook bad
---
# Where the admin is away nobody hears of a run that failed, and that is said.
sql UPDATE identity SET identity_state = 1 WHERE email = 'it@acme.example';
webhook refused
activate seats
sent
# One who is there again hears of what comes then.
sql UPDATE identity SET identity_state = 0 WHERE email = 'it@acme.example';
retry 1
advance 1h
sent
