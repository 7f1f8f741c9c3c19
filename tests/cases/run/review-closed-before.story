webhook revoke
  url "https://hooks.acme.example/revoke"

policy never
  for accounts in app Salesforce
  when inactive > 900d
  then run webhook revoke
---
# rows: W31
# A review that is started while everything is paused asks nobody yet. Where it is closed before it
# goes on, it never asks anybody.
activate never by schedule
pause "a look"
review accounts in app Salesforce by it@acme.example for 3d then run webhook revoke
review close 1
resume
process policies
advance 3d
