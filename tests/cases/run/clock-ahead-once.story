policy seats
  for accounts in app Salesforce
  when inactive > 900d
  report to admin
  then disable account

policy goners
  for users
  on user suspended
  then notify admin
---
# What somebody should look at is said once, however much else is done at the same instant.
activate seats
activate goners
leap 2d
clock -2d
event user suspended, zoe@acme.example
advance 1h
