webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  when inactive > 90d and not in group Execs
  then wait 3d, run webhook revoke

policy late
  for accounts in app Salesforce
  when inactive > 90d and not in group Execs
  then run webhook revoke

policy others
  for accounts in app Salesforce
  when inactive > 90d and not in group Leadership
  then wait 3d, notify admin, disable account
---
# rows: L13
# The directory grows too old while runs wait: whether zoe is an executive is unknown by then, and so
# is when olga and the ceo were last seen, for Salesforce alone does not say. Nothing is taken, nobody
# is bothered, and the runs wait for newer data. Of zoe's runs the one goes on that asks the directory
# nothing.
fresh okta 2d
activate seats
activate others
advance 4d
# A policy that is put to work now finds nobody: no one is taken for no executive.
activate late
advance 3d
sent
# What comes is newer: they go on by themselves, and the next evaluation finds whom it should.
sql UPDATE source SET imported_at = 1795780800 WHERE name = 'okta';
advance 1h
sent
advance 1d
