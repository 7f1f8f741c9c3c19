policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 2d, task manager "Call {{ user.name }}.", ask manager for 2d, disable account
---
# Who was asked may still decide while somebody else is at work.
activate seats
advance 3d
decide 1 keep by zoe@acme.example
done 1 by olga@acme.example
