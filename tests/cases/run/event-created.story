policy joiners
  for users
  on user created by (signup, admin)
  when department = "Sales" then add to group "Salesforce Users"
  when department = "Legal" then add to group Contractors
  otherwise then notify admin "{{ user.email }} joined and no rule placed them."

policy welcome
  for users
  on user created by signup
  then notify admin "{{ user.email }} signed up."
---
# rows: M01 M02 M05 M06 M07 M10 O01
# What follows a registration, by how it came about; once the user exists. The filter tells the
# sources apart, and the same event again changes nothing.
activate joiners by schedule
activate welcome by schedule
event user created, nel@acme.example, by admin, user {"department": "Sales","given_name": "Nel"}
event user created, own@acme.example, by signup, id s1, user {"department": "Board"}
event user created, own@acme.example, by signup, id s1, user {"department": "Board"}
event user created, own@acme.example, by signup, id s1, user {"department": "Sales"}
event user created, far@acme.example, by api, user {"department": "Sales"}
store membership Salesforce Users
store user nel@
store event
