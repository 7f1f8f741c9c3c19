policy personal
  for users
  on user updated by (self, jit)
  then notify admin "{{ user.email }} changed something."

policy edited
  for users
  on user updated by (admin, api)
  when department = "Legal" then add to group Contractors
  otherwise then notify admin "{{ user.email }} was edited."

policy factors
  for users
  on mfa updated by (self, admin)
  then notify owner "Your second factor was changed."
---
# rows: M01 M11 M36 M37 M38 M39 M40 M41 M42
# A saved profile evaluates the rules, by who saved it. Each time anew: nobody rests after one.
activate personal by schedule
activate edited by schedule
activate factors by schedule
event user updated, zoe@acme.example, by self, user {"title": "Seller"}
event user updated, zoe@acme.example, by jit, user {"title": "Seller"}
event user updated, zoe@acme.example, by admin, user {"department": "Legal"}
event user updated, zoe@acme.example, by api, user {"department": "Sales"}
event mfa updated, zoe@acme.example, by self
event mfa updated, yan@acme.example, by admin
event mfa updated, zoe@acme.example, by import
store membership Contractors
store user zoe@
