webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 2

policy line
  for accounts in app GitHub
  when inactive > 90d
  then run webhook revoke, notify app owner "{{ webhook.msg }}"
---
# rows: W16
webhook fails
activate line
advance 1h
# It was given up; the admin is told and the run waits.
sent
webhook works
retry 1
advance 1h
sent
