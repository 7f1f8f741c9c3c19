policy seats
  for accounts in app Salesforce
  when inactive > 80d
  except in group (Execs, Leadership) or user.email = "pat@acme.example"
  then ask manager for 2d, disable account
---
# rows: L03 L04 L05 L06
# Cleo is in a group of the identity provider, Olga in one of the mail system, Pat is named: all
# three are idle, and none is asked about.
activate seats
decide 1 keep by olga@acme.example
# Zoe becomes an exception: nothing opens when she has rested. The policy stays as it is.
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Execs' AND i.email IN ('zoe@acme.example', 'yan@acme.example');
advance 100d
sql DELETE FROM membership WHERE identity_id = (SELECT id FROM identity WHERE email = 'zoe@acme.example') AND group_id = (SELECT id FROM grp WHERE name = 'Execs');
advance 1d
