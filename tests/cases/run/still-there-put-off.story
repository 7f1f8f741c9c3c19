policy grants
  for grants in app Salesforce
  on access expired
  then remove access

policy accounts
  for accounts in app Salesforce
  on access expired
  then unassign from app
---
# What expired is taken, and the next data gives two of them more time: these runs are over, nobody is told that
# it failed, and it is not taken again.
sql UPDATE access_grant SET expires_at = unixepoch('2026-11-21T12:00:00Z') WHERE id = (SELECT g.id FROM access_grant g JOIN account a ON a.id = g.account_id WHERE a.username = 'zoe' AND a.app_id = 1);
sql UPDATE account SET expires_at = unixepoch('2026-11-21T12:00:00Z') WHERE username = 'olga' AND app_id = 1;
activate grants by schedule
activate accounts by schedule
advance 2d
company grants.csv: sales_cloud,2022-05-03, -> sales_cloud,2022-05-03,2027-03-01
advance 1h
sent
retry 3
retry 1
# When that time has passed they are taken.
leap 100d
advance 1h
