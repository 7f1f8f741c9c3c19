policy seats
  for accounts in app Salesforce
  when inactive > 90d
  except in group Execs
  then ask owner for 3d, if ignored keep, remove from group "Salesforce Users"
---
# rows: L38 L41 L43
activate seats
advance 3d
# What was delivered is not actionable any more.
decide 1 remove by olga@acme.example
# It rests for 90 days, the length that the policy compares with.
advance 89d
advance 1d
