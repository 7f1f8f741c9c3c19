# What a run changed is put back as it was; a run that was undone rests.
policy tidy
  for users
  when department = "Legal" and cost_center = "400" and lifecycle = leave
  then set department = "Law", set cost_center = "500", set manager = olga@acme.example,
       set lifecycle archived, assign role Auditor, disable user
policy seats
  for accounts in app Salesforce
  when inactive > 80d and in group "Salesforce Users" and user.email = "zoe@acme.example"
  then remove from group "Salesforce Users", revoke permission "Sales Cloud", disable account,
       unassign from app
---
store user pat
store user attribute pat
activate tidy
store user pat
undo 1 plan
store user pat@acme.example
undo 1
store user pat
store user attribute pat
undo 1
undo 7
store membership Salesforce
store grant salesforce/zoe
store account salesforce/zoe
activate seats
store grant salesforce/zoe
store account salesforce/zoe
undo 2
store membership Salesforce
store grant salesforce/zoe
store account salesforce/zoe
# Neither policy takes it again.
advance 1d
activate tidy
activate seats
