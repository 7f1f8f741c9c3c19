webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 5

webhook elsewhere
  url "https://elsewhere.acme.example/revoke"

policy revoke
  for accounts in app Salesforce
  when inactive > 20d
  then run webhook revoke

policy github
  for accounts in app GitHub
  when inactive > 90d
  then run webhook elsewhere
---
# After five failures in a row nothing more is sent there; that is counted as no attempt.
webhook fails at hooks.acme.example
activate revoke
advance 1min
# Nobody else has to wait.
activate github
# One goes when the pause is over, and then none for longer.
advance 10min
# When it works again, all go at once.
webhook works at hooks.acme.example
advance 1h
