policy away
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then wait 1d, remove from group "Salesforce Users", add to group Contractors, wait 1d, disable account
---
# rows: L46 L47 L52 L53 L54 L55 L56 L57
# What is so is read right before each step: zoe leaves the group and olga enters the other while
# their runs wait.
activate away
sql DELETE FROM membership WHERE identity_id = (SELECT id FROM identity WHERE email = 'zoe@acme.example');
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Contractors' AND i.email = 'olga@acme.example';
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Salesforce Users' AND i.email = 'olga@acme.example';
store membership Salesforce
store membership Contractors
advance 2d
store membership Salesforce
store membership Contractors
