policy idle
  for accounts in app Salesforce
  when inactive > 90d and department = "Sales"
  except in group Execs
  restart on (manager changed, department changed)
  then ask owner, escalate to manager after 7d, disable account
---
# A run begins anew where its subject still matches, and whoever was asked before is asked again; else
# it ends.
activate idle
advance 8d
event attribute changed, zoe@acme.example, attribute manager, new "it@acme.example"
decide 1 remove by ceo@acme.example
event attribute changed, olga@acme.example, attribute department, new "Legal"
advance 8d
