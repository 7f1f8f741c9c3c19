webhook revoke
  url "https://hooks.acme.example/revoke"
policy seats
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner remind (2d, 1d), escalate to manager after 4d for 2d, wait 1d, run webhook revoke, disable account
policy expiring
  for users
  every day at 12:00
  when until password_expires_at reaches (30d, 10d, 0d) and email = "it@acme.example"
  then notify owner
---
# The clock jumps by more than a year: each deadline that lay in it comes once, one after the
# other, and of several distances the nearest counts.
activate seats
activate expiring
clock 400d
advance 1h
advance 3d
clock 400d
advance 10d
sent
