webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 9

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  except in group Execs
  then run webhook revoke
---
webhook fails
activate line
advance 20h
sql UPDATE account SET last_login = 1795300000, last_seen = 1795300000 WHERE username = 'zoe';
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Execs' AND i.email = 'zoe@acme.example';
advance 1d
webhook works
advance 3d
