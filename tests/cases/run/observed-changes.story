policy leavers
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then remove from group "Salesforce Users", revoke permission "Sales Cloud", disable account,
       end sessions, wait 1d, delete account, notify manager
---
# Every change is foretold for the run alone; in earnest each of them is still to be made.
activate leavers observed
advance 2d
activate leavers
advance 2d
sent
