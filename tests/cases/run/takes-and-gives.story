policy movers
  for users
  on department changed to "Sales"
  then remove from group Engineering, add to group "Salesforce Users", notify manager "{{ user.email }} moved"

policy leavers
  for users
  on lifecycle changed to terminated
  then disable user, task manager "collect the laptop"

policy asked
  for users
  on lifecycle changed to terminated
  then ask manager for 3d, disable user, notify admin "asked"

policy nightly
  for users
  every day at 12:00
  when department = "Sales" and user.email = "it@acme.example"
  then remove from group Engineering, notify manager "by night"

policy both
  for users
  every day at 12:00
  when department = "Sales" and user.email = "it@acme.example"
  then remove from group Execs, set title = "Seller"
---
# Nothing to take, and something to give: all of it is done. An event has its messages and tasks
# also where the only change is made already; but nobody is asked about what is gone.
activate movers by schedule
activate leavers by schedule
activate asked by schedule
event attribute changed, it@acme.example, attribute department, old "IT", new "Sales"
advance 1h
event attribute changed, ned@acme.example, attribute lifecycle, old "deleted", new "terminated"
advance 1h
# Nor does a schedule write about it every day.
activate nightly
activate both
advance 3d
