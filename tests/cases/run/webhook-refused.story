webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app GitHub
  when inactive > 90d
  then run webhook revoke
---
webhook refused
activate line
cancel 1
cancel 1
