# One permission is taken, and the run goes on without it.
policy owners
  for grants in app github
  when permission = "Organisation Owner" and account.last_activity < 2026-11-01
  then remove access, wait 1d, run webhook told, notify owner "{{ permission.label }}", notify manager "{{ permission.label }} is gone"
policy sellers
  for grants in app Salesforce
  when permission = "Sales Cloud" and inactive > 90d and has permission "Sales Cloud"
  except in group Execs
  then revoke permission "Sales Cloud", wait 1d, remove access, disable account, delete account, notify owner "Bye {{ permission.label }} of {{ account.username }}"
webhook told
  url "https://hooks.acme.example/told"
---
activate owners
advance 1d
sent
store grant
store permission
activate sellers
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Execs' AND i.email = 'olga@acme.example';
advance 1d
store account salesforce/zoe
