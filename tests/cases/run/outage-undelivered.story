policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 3d, disable account

policy todo
  for accounts in app GitHub
  when inactive > 90d
  then task manager "hand the repositories over" for 2d, disable account
---
# What could not be delivered because nothing ran is not undelivered yet.
mail fails
activate seats
activate todo
outage 2d
mail works
advance 1d
