policy seats
  for accounts in app Salesforce
  when inactive > 90d and in group "Salesforce Users"
  then remove from group ("Salesforce Users", Contractors), disable account,
       remove from group "Salesforce Users", notify owner "{{ app.label }} is gone, {{ user.given_name }}"
---
# rows: L11 L46 L47 L52 L53 L59 L60 L63 M35 M52
activate seats
sent
# It rests until it was once seen not to match, then may open again.
advance 1d
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Salesforce Users' AND i.email = 'zoe@acme.example';
advance 1d
