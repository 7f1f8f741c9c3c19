webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 9

policy revoke
  for accounts in app GitHub
  when inactive > 90d
  then run webhook revoke
---
# One webhook alone: its own waits are longer than the first pauses.
webhook fails
activate revoke
advance 4h
# A refusal is an answer: the receiver is there.
webhook refused
advance 12h
retry 1
webhook fails
advance 1min
