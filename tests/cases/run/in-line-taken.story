webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 2

app Salesforce
  deprovision with webhook revoke

policy first
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner for 2d, remove access

policy second
  for accounts in app Salesforce
  when inactive > 80d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask manager for 2d, disable account

policy third
  for accounts in app Salesforce
  when inactive > 80d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner for 2d, disable account
---
# rows: L73
# What is just being taken nobody is asked about, neither who said so nor anybody else; nor after a
# window that ended in silence. It is asked about once that has ended, or failed.
activate first
activate third
webhook fails
decide 1 remove by zoe@acme.example
activate second
advance 1h
# The silence of olga.
advance 47h
webhook works
advance 1d
