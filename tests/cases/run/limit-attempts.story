webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 8

policy seats
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 124d
  limit 2
  then run webhook revoke
---
# An attempt that fails may have arrived: it counts, and so does each later one.
webhook fails
activate seats
advance 2d
# All the runs whose attempts failed succeed when the other system is back, but no more of them
# within 24 hours than the limit says.
webhook works
advance 3d
