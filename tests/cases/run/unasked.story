webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 3d, wait 5d, task manager "Move the files.", run webhook revoke

policy later
  for accounts in app GitHub
  when inactive > 30d and account.username = "dlevi"
  then wait 2d, ask owner, run webhook revoke

policy plain
  for accounts in app Salesforce
  when inactive > 90d and user.email = "olga@acme.example"
  then wait 5d, run webhook revoke
---
# Whoever decides where nobody is asked hears why, what the run waits for, and what can be done.
activate seats
activate later
activate plain
decide 2 keep by dlevi@acme.example
decide 3 keep by olga@acme.example
advance 4d
decide 1 keep by zoe@acme.example
pause seats "a look"
decide 1 keep by zoe@acme.example
resume seats
advance 5d
decide 1 keep by zoe@acme.example
webhook fails
done 1 by olga@acme.example
advance 1h
decide 1 keep by zoe@acme.example
webhook refused
advance 2d
decide 1 keep by zoe@acme.example
cancel 1
decide 1 keep by zoe@acme.example
