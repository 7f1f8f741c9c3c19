policy seats
  for accounts in app Salesforce
  when user.email = "zoe@acme.example"
  then remove from group "Salesforce Users", set department = "X", set lifecycle leave, disable account
policy roles
  for users
  when email = "pat@acme.example"
  then unassign role Auditor, remove from group Leadership or skip, set title = "T"
policy away
  for users
  when email = "zoe@acme.example"
  then delete user
---
# What is gone is named, and so is the run that took it.
activate seats
activate roles
sql UPDATE role SET gone = 1 WHERE name = 'Auditor';
sql UPDATE identity SET title = 'Counsel', title_key = 'counsel' WHERE email = 'pat@acme.example';
undo 2
advance 1h
activate away
undo 1
