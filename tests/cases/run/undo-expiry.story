policy permissions
  for grants in app Salesforce
  on access expired
  when permission = "Sales Cloud"
  then revoke permission "Sales Cloud", add to group Contractors
policy accounts
  for accounts in app Salesforce
  on access expired
  then unassign from app
---
# A permission whose expiry came to nothing, since its account was gone, is due once that is back.
# What was taken for its expiry, and given back, is not.
sql UPDATE access_grant SET expires_at = NULL;
sql UPDATE account SET expires_at = unixepoch('2026-11-21T12:00:00Z') WHERE id = (SELECT id FROM account WHERE username = 'zoe');
sql UPDATE access_grant SET expires_at = unixepoch('2026-11-21T12:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'zoe');
activate permissions by schedule
activate accounts by schedule
advance 2d
undo 1
advance 1h
undo 2
advance 100d
