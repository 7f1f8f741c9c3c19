# The secret of a webhook is not there: nothing is sent, no retry is used up, the receiver is not
# left alone, and whoever is excepted meanwhile keeps everything.
policy reclaim
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 90d and email in ("zoe@acme.example", "olga@acme.example")
  except in group Execs
  then run webhook revoke
  if failed notify admin

webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 1
---
webhook lacks
activate reclaim
advance 20min
# No retry was left after one failure; waiting is none.
sql INSERT INTO membership(group_id, identity_id) SELECT g.id, i.id FROM grp g, identity i WHERE g.name = 'Execs' AND i.email = 'olga@acme.example'
advance 1h
webhook works
advance 2min
sent
