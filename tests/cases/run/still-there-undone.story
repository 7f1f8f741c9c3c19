policy away
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then unassign from app
---
# What somebody has put back is there as it should be.
activate away
advance 1h
undo 1
import accounts.csv
advance 10min
