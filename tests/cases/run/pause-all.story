webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 7d, run webhook revoke

policy line
  for accounts in app GitHub
  when inactive > 90d
  then run webhook revoke, notify app owner
---
# Two pauses overlap: what stands under both stands from the first to the last.
activate seats
advance 1d
pause seats "one"
advance 1d
pause "two"
# Nobody evaluates what is paused.
advance 1d
resume seats
advance 1d
sent
resume line
resume
# Four days are left out: the question was open for one day before.
advance 5d
advance 2d
activate line
advance 1h
sent
