# An exception that came to hold in between keeps what is not yet taken.
policy idle
  for accounts in app Salesforce
  when inactive > 90d and has permission "Sales Cloud"
  except in group Execs
  then revoke permission "Sales Cloud", wait 2d, delete account
---
activate idle
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Execs' AND i.email = 'zoe@acme.example';
advance 3d
store account salesforce/zoe
store grant salesforce/zoe
