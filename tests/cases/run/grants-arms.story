# A permission under several arms; one run takes the account from under another; what another
# policy takes is gone.
policy seats
  for grants in app Salesforce
  when permission = "Sales Cloud" and inactive > 90d then remove access, notify admin "{{ permission.label }} of {{ account.username }} was idle."
  when until expires_at <= 0d then wait 1d, remove access, notify admin "{{ permission.label }} of {{ account.username }} expired."
  when permission = "Sales Cloud" and has permission "Sales Cloud" and department = "Sales" then wait 1d, disable account
  except in group Execs
policy leavers
  for grants in app Salesforce
  when permission in ("Sales Cloud", "Service Cloud") and account.username = "yan"
  then delete account
policy cleaning
  for accounts in app Salesforce
  when department = "Legal"
  then revoke permission "Service Cloud"
---
sql UPDATE access_grant SET expires_at = 1795176000 WHERE account_id IN (SELECT id FROM account WHERE username = 'zoe');
sql INSERT INTO access_grant(permission_id, account_id, granted_at) SELECT p.id, a.id, 1700000000 FROM permission p, account a WHERE p.label = 'Service Cloud' AND a.username = 'yan';
activate seats
sent
activate cleaning
activate leavers
advance 1d
sent
store grant salesforce
advance 2d
store account salesforce
