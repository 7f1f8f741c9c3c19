webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app GitHub
  when inactive > 90d
  then run webhook revoke or skip, remove from group Everyone from okta or skip, disable account
  if failed notify manager
---
# What may be skipped fails, and the run goes on; nobody needs to hear of it.
webhook refused
sql INSERT INTO nesting(group_id, member_group_id) SELECT e.id, c.id FROM grp e JOIN source s ON s.id = e.source_id, grp c WHERE e.name = 'Everyone' AND s.name = 'okta' AND c.name = 'Contractors';
activate seats
advance 1h
