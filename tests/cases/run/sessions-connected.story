policy leavers
  for users
  when user.email in ("zoe@acme.example", "lea@acme.example")
  then end sessions
---
# rows: O08 O14
# No connector ends sessions. Where nothing says how those of a connected app are ended, the store's
# end alone, and the trail names the app: whoever is logged in there stays so.
connect salesforce
sql INSERT INTO session(account_id, name) SELECT id, 'phone' FROM account WHERE username IN ('zoe');
activate leavers
store session
