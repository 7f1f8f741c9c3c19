webhook revoke
  url "https://hooks.acme.example/revoke"

policy revoke
  for accounts in app Salesforce
  when inactive > 90d
  then ask owner for 3d, run webhook revoke
---
# rows: W04 W08 W09 W10 W11 W12 W13
# One permission that Max asked for, for Zoe; its words go before the decider's.
sql UPDATE access_grant SET requested_by = 'max@acme.example', request_comment = 'for the "Q3" push' WHERE account_id = (SELECT id FROM account WHERE username = 'zoe' AND app_id = (SELECT id FROM app WHERE name = 'salesforce'))
# Two permissions that two people asked for: then the owner stands there.
sql INSERT INTO permission(app_id, value, value_key, label, label_key) SELECT id, 'reports', 'reports', 'Reports', 'reports' FROM app WHERE name = 'salesforce'
sql INSERT INTO access_grant(permission_id, account_id, requested_by, request_comment) SELECT max(p.id), a.id, 'max@acme.example', 'for him' FROM permission p, account a WHERE a.username = 'olga'
sql UPDATE access_grant SET requested_by = 'somebody@elsewhere.example', request_comment = 'for all' WHERE account_id = (SELECT id FROM account WHERE username = 'olga') AND requested_by IS NULL
# No permission; nobody asked for it.
sql DELETE FROM access_grant WHERE account_id = (SELECT id FROM account WHERE username = 'ceo')
activate revoke
decide 1 remove by zoe@acme.example with "I moved on"
decide 2 remove by olga@acme.example with "not mine"
decide 3 remove by ceo@acme.example
advance 4d
sent
