webhook revoke
  url "https://hooks.acme.example/revoke"

policy leavers
  for accounts in app Salesforce
  when inactive > 200d then notify manager "{{ account.username }} is idle."
  when has permission "Sales Cloud" and inactive > 100d then ask owner for 3d, wait 2d, run webhook revoke
  when in group "Salesforce Users" then remove from group "Salesforce Users"
  except in group Execs or not inactive > 100d
  always then notify admin "{{ account.username }} was looked at."
---
# rows: M17 M18 M33
# Olga: all three arms, in the order written. Zoe: the last two. The others: an exception.
activate leavers
sent
advance 3d
# What opened an arm ceases to hold: its steps are left out, those of the others are taken.
sql DELETE FROM access_grant WHERE account_id = (SELECT id FROM account WHERE username = 'zoe');
advance 3d
sent
# None of what opened the runs holds any more: they may open again when it does.
sql UPDATE account SET last_login = 1795600000, last_activity = NULL, last_seen = 1795600000 WHERE username IN ('zoe', 'olga');
advance 1d
sql UPDATE account SET last_login = 1751000000, last_seen = 1751000000 WHERE username = 'olga';
advance 1d
