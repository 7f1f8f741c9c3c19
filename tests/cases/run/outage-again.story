policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 3d, disable account
---
# Where one outage follows the other, a window is put off twice and no more.
activate seats
outage 4d
outage 2d
outage 2d
