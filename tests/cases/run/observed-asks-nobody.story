policy tried
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 7d, disable account

policy line
  for accounts in app Salesforce
  when inactive > 80d and user.email = "zoe@acme.example"
  then ask owner for 3d, disable account
---
# Who is only observed asks nobody: no question in earnest waits for one of those.
activate tried observed
activate line
advance 8d
