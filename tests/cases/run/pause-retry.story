webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 5

policy line
  for accounts in app GitHub
  when inactive > 90d
  then run webhook revoke, notify app owner "{{ webhook.msg }}"
---
# What is tried again is not tried while it is paused, and checked again before it is.
webhook fails
activate line
pause "the receiver is being mended"
sent
webhook works
advance 2d
sent
sql UPDATE account SET last_seen = 1795000000, last_login = 1795000000 WHERE username = 'lroux';
resume
advance 1d
sent
