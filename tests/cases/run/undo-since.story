# What somebody else has made of it since stays, and so does what another run has changed.
webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then revoke permission "Sales Cloud", run webhook revoke, end sessions, disable account,
       notify owner "It is gone"
policy again
  for accounts in app Salesforce
  when user.email = "olga@acme.example"
  then disable account, delete account
---
sql INSERT INTO session(account_id, name) SELECT id, 'phone' FROM account WHERE username = 'zoe';
sql UPDATE account SET status = 'locked' WHERE username = 'zoe';
sql UPDATE access_grant SET expires_at = 1795300000 WHERE account_id IN (SELECT id FROM account WHERE username = 'zoe');
activate seats
store account salesforce/zoe
store account salesforce/olga
# Olga is enabled by an import, and disabled by another policy.
sql UPDATE account SET status = 'active' WHERE username = 'olga';
activate again
advance 10d
undo evaluation 1
store account salesforce/zoe
store account salesforce/olga
undo evaluation 1
# A deletion has no way back.
undo 3 plan
undo 3
undo evaluation 99
