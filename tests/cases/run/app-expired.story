webhook revoke
  url "https://hooks.acme.example/revoke"
webhook revoke-seat
  url "https://hooks.acme.example/revoke-seat"
webhook revoke-any
  url "https://hooks.acme.example/revoke-any"

app Salesforce
  deprovision with webhook revoke
  permission "Sales Cloud" deprovision with webhook revoke-seat
  deprovision permissions with webhook revoke-any

app GitHub
  deprovision with webhook revoke

# It has to do with something else: its text says how things are done in the apps.
policy sleepers
  for accounts
  every day
  when inactive > 900d
  then notify owner

policy seats
  for grants in app Salesforce
  on access expired
  when account.username in ("yan", "ceo")
  except account.username = "ceo"
  then notify manager
---
# rows: W01 W20 W23 W24 W25
# What expires is taken by what its app says of it, where no policy takes it: the permission by its
# own webhook, else by that of permissions, the account by that of the app. Where only the account's
# is said, the permission stays, and the admin is told.
activate sleepers
activate seats by schedule
sql UPDATE access_grant SET expires_at = strftime('%s', '2026-11-22T12:00:00Z') WHERE account_id IN (SELECT id FROM account WHERE username IN ('zoe', 'dlevi', 'yan', 'ceo'));
sql UPDATE account SET expires_at = strftime('%s', '2026-11-25T12:00:00Z') WHERE username IN ('olga', 'max');
advance 10d
sent
store ending
store account salesforce/olga
# Each expiry once; another one anew, also where nothing ran.
sql UPDATE account SET expires_at = strftime('%s', '2026-12-25T12:00:00Z') WHERE username = 'zoe' AND app_id = 1;
leap 60d
advance 10d
