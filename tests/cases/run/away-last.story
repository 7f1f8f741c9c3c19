policy stages
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner, escalate to manager after 4d for 3d, disable account
---
# The last who are asked go away: nothing is hastened by that, and those who were asked before
# were silent.
activate stages
advance 5d
sql UPDATE identity SET gone = 1 WHERE email = 'olga@acme.example';
advance 2d
