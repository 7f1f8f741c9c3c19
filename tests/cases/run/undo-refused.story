# Going back is held by the same rails as going on: what never happens is not given back, and what
# is protected, or the last of its kind, is not taken. All the rest of a run is undone.
never set department = "Legal" when cost_center = "400"
never add to group "Salesforce Users" when hire_badge = "lost"
attribute hire_badge text

policy tidy
  for users
  when department = "Legal" and cost_center = "400" and lifecycle = leave
  then set department = "Law", assign role "CRM User", add to group Contractors, disable user
policy seats
  for accounts in app Salesforce
  when inactive > 80d and in group "Salesforce Users" and user.email = "zoe@acme.example"
  then remove from group "Salesforce Users", disable account
---
activate tidy
activate seats
# Nor is it given back where it is not known whether it is forbidden.
undo 2
store membership Salesforce Users
store account salesforce/zoe
protect user pat@acme.example
undo 1 plan
undo 1
store user pat
store membership Contractors pat
# What was not undone is for good; somebody else gives it by hand.
undo 1
