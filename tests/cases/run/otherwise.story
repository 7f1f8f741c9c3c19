policy placed
  for users
  when department = "Engineering" then add to group Engineering
  when department = "Sales" then add to group "Salesforce Users"
  except in group Execs or user.status != active
  limit none "a story"
  otherwise then notify admin "Nobody placed {{ user.email }}.", remove from group Contractors
---
# rows: M18 M19 M34
# Whose department is not known is told of, and loses nothing: perhaps an arm would have held.
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Contractors' AND i.email IN ('pat@acme.example', 'new@acme.example', 'zoe@acme.example') ON CONFLICT DO NOTHING;
activate placed
# Somebody moves: the arm that was theirs ceased to hold, and another one holds.
advance 1d
sql UPDATE identity SET department = 'Engineering', department_key = 'engineering' WHERE email = 'zoe@acme.example';
advance 1d
# And stays: nothing more is done.
advance 3d
