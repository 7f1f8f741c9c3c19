webhook revoke
  url "https://hooks.acme.example/revoke"
webhook revoke-seat
  url "https://hooks.acme.example/revoke-seat"
webhook revoke-role
  url "https://hooks.acme.example/revoke-role"

app Salesforce
  deprovision with webhook revoke
  permission "Sales Cloud" deprovision with webhook revoke-seat
  deprovision permissions with webhook revoke-role

app GitHub
  deprovision with webhook revoke

policy grants
  for grants
  on access expired
  then remove access

policy accounts
  for accounts in app Salesforce
  on access expired
  then remove access
---
# rows: W01 W20 W23 W24 W25
# What expires is taken by what its layer says: a permission by its own webhook, else by that of
# permissions, and never by that of the account.
activate grants by schedule
activate accounts by schedule
sql UPDATE access_grant SET expires_at = strftime('%s', '2026-11-22T12:00:00Z') WHERE account_id IN (SELECT id FROM account WHERE username IN ('zoe', 'dlevi'));
sql UPDATE account SET expires_at = strftime('%s', '2026-11-25T12:00:00Z') WHERE username = 'olga' AND app_id = 1;
advance 10d
sent
