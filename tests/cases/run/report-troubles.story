webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 100d
  limit none "a story"
  report to (admin, owner, manager)
  then wait 1d, run webhook revoke
---
# What failed or was done after the evaluation that opened a run is told with the next one: also to
# those who are told of their own subjects alone.
# rows: M54
webhook refused
activate seats
sent
advance 2d
sent
