# What follows a deletion is still said; what the run took does not end it.
policy idle
  for accounts in app Salesforce
  when inactive > 90d and has permission "Sales Cloud" and account.status = active
  except in group Execs
  then revoke permission ("Sales Cloud", "Service Cloud"), disable account, wait 1d, end sessions,
       delete account, wait 1d, notify owner "{{ app.label }} ({{ account.username }}) is {{ account.status }}, {{ user.given_name }}"
---
# rows: L08 M51
sql INSERT INTO session(account_id, name) SELECT id, 'phone' FROM account WHERE username = 'zoe';
activate idle
store account salesforce/zoe
store session
advance 1d
store account salesforce/zoe
store session
advance 1d
sent
advance 1d
# One that comes back has a run of its own.
sql UPDATE account SET gone = 0, status = 'active' WHERE username = 'zoe';
sql INSERT INTO access_grant(permission_id, account_id) SELECT p.id, a.id FROM permission p, account a WHERE p.value = 'sales_cloud' AND a.username = 'zoe';
advance 3d
