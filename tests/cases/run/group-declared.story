group "Night Shift" in okta
group Execs in okta

policy night
  for accounts in app Salesforce
  when inactive > 90d and not in group "Night Shift" and not in group Execs
  except user.email = "svc@acme.example"
  then add to group "Night Shift", wait 1d, verify in group "Night Shift" "not in", disable account

policy guests
  for users
  when in group "night shift"
  then notify admin "{{ user.email }} works at night"

policy watch
  for accounts in app Salesforce
  when inactive > 30d
  then add to group "Night Shift"
---
# rows: M16
# What only observes makes nothing, and nobody is in a group that is not there.
store group Night
activate watch observed
activate guests
store group Night
# Who joins first makes it; the others join what is there. What the run itself has done is left out
# when it asks again, and a group that was declared and is there now is the same to every policy.
activate night
store group Night
store membership Night
advance 2d
# It stays when a run is undone.
undo 5
store group Night
# Once the data no longer has it, the policies wait until somebody has looked at them.
import groups.csv with Contractors,okta,idp,, as Contractors,okta,idp,,true
advance 1d
activate watch
# It begins without those who were in it then.
store membership Night
store group Night
