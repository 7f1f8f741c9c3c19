policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner remind (2d, 4h), escalate to manager after 4d for 12h, disable account

policy short
  for accounts in app GitHub
  when inactive > 90d
  then ask manager for 12h, disable account
---
# Nothing falls due while nothing runs, but the window would close ten hours after it.
activate seats
advance 2d
outage 38h
advance 1d
# A question that is asked after the outage has its own window, however short.
activate short
advance 3d
