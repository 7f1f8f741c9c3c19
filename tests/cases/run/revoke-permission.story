# What a name stands for is taken, each permission by itself, and nothing where none is held.
policy seats
  for accounts in app Salesforce
  when inactive > 80d and not in group Execs
  then revoke permission ("Sales Cloud", "Service Cloud"), revoke permission "Sales Cloud", run webhook told
policy nothing-left
  for accounts in app Salesforce
  when not in group Leadership
  then revoke permission "Service Cloud"
webhook told
  url "https://hooks.acme.example/told"
---
store permission salesforce
activate seats
sent
store permission salesforce
store grant salesforce
activate nothing-left
advance 2d
