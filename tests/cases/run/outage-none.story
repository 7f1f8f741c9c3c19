policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 3d, disable account

policy other
  for accounts in app GitHub
  when inactive > 90d
  then ask manager for 3d, disable account
---
# Half an hour is none.
activate seats
advance 71h
outage 30min
advance 1h
# Nor is a day where something runs once a day.
leap 1d
activate other
leap 1d
leap 1d
leap 1d
leap 1d
