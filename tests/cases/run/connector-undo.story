# What a connected system has done it has to put back itself: the store would say what is not so
# there. What only the store holds is put back.
policy seats
  for accounts in app Salesforce
  when user.email = "zoe@acme.example"
  then remove from group "Salesforce Users", remove from group Contractors,
       set cost_center = "900", disable account, revoke permission "Sales Cloud"
---
connect salesforce
activate seats
store account salesforce/zoe
undo 1
store account salesforce/zoe
store membership Salesforce
