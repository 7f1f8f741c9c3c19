webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d
  except in group Execs
  then ask owner, run webhook revoke
---
activate line
advance 2d
# Zoe logs in; the next evaluation sees it.
sql UPDATE account SET last_login = 1763800000 + 31536000, last_seen = 1763800000 + 31536000 WHERE username = 'zoe';
advance 1d
# Olga's owner becomes an exception while she is asked.
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Execs' AND i.email = 'olga@acme.example';
advance 10d
