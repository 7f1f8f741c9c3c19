group "Night Shift" in okta

policy night
  for accounts in app Salesforce
  when inactive > 90d
  limit none "a test"
  then add to group "Night Shift"
---
# rows: M16
# The connected system is asked to make it where it is not there. The store has it when that is done,
# and not before.
connect okta
connector fails
activate night
store group Night
connector works
advance 1h
store group Night
store membership Night
sent
