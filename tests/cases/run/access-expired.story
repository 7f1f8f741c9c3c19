webhook revoke
  url "https://hooks.acme.example/revoke"

policy grants
  for grants in app Salesforce
  on access expired
  then run webhook revoke, remove access

policy accounts
  for accounts in app Salesforce
  on access expired
  then disable account

policy rejected
  for accounts in app Salesforce
  on access rejected
  then disable account
---
# rows: W01 W20 W21
# Each expiry is told of once, at its time, or later where nothing ran. A permission that ends takes no
# account with it, and the other way round.
activate grants by schedule
activate accounts by schedule
activate rejected by schedule
sql UPDATE access_grant SET expires_at = strftime('%s', '2026-11-22T12:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'zoe' AND app_id = 1);
sql UPDATE account SET expires_at = strftime('%s', '2026-11-25T12:00:00Z') WHERE username = 'olga' AND app_id = 1;
advance 10d
sql UPDATE account SET expires_at = strftime('%s', '2026-12-25T12:00:00Z'), status = 'active' WHERE username = 'olga' AND app_id = 1;
leap 60d
advance 1d
event access rejected, salesforce/yan
event access rejected, zoe@acme.example
store event
