policy roles
  for users
  when department = "Sales" then assign role "CRM User", add to group ("Salesforce Users", Contractors)
  when department = "Legal" then unassign role Auditor, remove from group (Engineering, Contractors)
  limit none "a story"
  otherwise then assign role Auditor
---
# rows: M20 M29 M30 M33 M34
# Roles and groups, given and taken, each under its rule; who is in none has the last one.
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Contractors' AND i.email = 'pat@acme.example';
activate roles
store role
store membership Contractors
