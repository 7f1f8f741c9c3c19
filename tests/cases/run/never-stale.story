never (disable account, run webhook revoke) when in group Execs
never add to group Contractors when in group Execs
never delete account when cost_center = "0"

webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  when inactive > 90d
  except user.email = "ceo@acme.example"
  then wait 3d, run webhook revoke, disable account

policy both
  for accounts in app Salesforce
  when inactive > 90d
  except user.email = "ceo@acme.example"
  then wait 3d, all of (add to group Contractors, revoke permission "Sales Cloud"), notify admin "Done."

policy gone
  for accounts in app GitHub
  when department = "Engineering"
  then delete account

webhook slow
  url "https://slow.acme.example/"
  retry 8

never run webhook slow when in group Execs

policy tries
  for accounts in app GitHub
  when user.email = "max@acme.example"
  then run webhook slow
---
# rows: L13
# The directory grows too old while runs wait, so that nobody knows who is an executive: nothing is
# done, nobody is bothered, and the runs wait for newer data, whose word counts then. What is not
# known for another reason than age is a failure: no newer data would come by itself.
fresh okta 2d
sql DELETE FROM activity WHERE source_id = (SELECT id FROM source WHERE name = 'okta');
activate seats
activate both
activate gone
webhook fails at slow.acme.example
activate tries
advance 4d
retry 1
advance 1d
sql INSERT INTO membership(group_id, identity_id, joined_at) SELECT g.id, i.id, 0 FROM grp g, identity i WHERE g.name = 'Execs' AND i.email = 'olga@acme.example';
sql UPDATE source SET imported_at = 1795780800 WHERE name = 'okta';
webhook works at slow.acme.example
advance 1h
advance 2d
