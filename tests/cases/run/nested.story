policy seats
  for accounts in app Salesforce
  when inactive > 90d and in group Everyone from okta
  then remove from group ("Salesforce Users", Everyone from okta)
---
# A membership through another group cannot be ended here: nothing is taken, and the run says
# where to do it. Retried, it goes on.
sql INSERT INTO nesting(group_id, member_group_id) SELECT e.id, c.id FROM grp e JOIN source s ON s.id = e.source_id, grp c WHERE e.name = 'Everyone' AND s.name = 'okta' AND c.name = 'Contractors';
sql INSERT OR REPLACE INTO membership(group_id, identity_id, direct) SELECT g.id, i.id, 0 FROM grp g JOIN source s ON s.id = g.source_id, identity i WHERE g.name = 'Everyone' AND s.name = 'okta' AND i.email = 'zoe@acme.example';
activate seats
sql UPDATE membership SET direct = 1 WHERE direct = 0;
retry 1
advance 1h
