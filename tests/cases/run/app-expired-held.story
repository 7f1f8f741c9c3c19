webhook revoke
  url "https://hooks.acme.example/revoke"

app Salesforce
  deprovision with webhook revoke

policy engineers
  for accounts in app Salesforce
  on access expired
  when in group Engineering
  then wait 1d
---
# rows: W01 W20 W23
# Too many at once are held. As long as it is not known what another policy takes, all is left.
activate engineers by schedule
sql UPDATE access_grant SET expires_at = NULL;
sql UPDATE account SET app_id = 1 WHERE username = 'zoe@acme.example' AND app_id = 3;
sql UPDATE account SET expires_at = strftime('%s', '2026-11-21T12:00:00Z') WHERE app_id = 1;
sql UPDATE account SET expires_at = strftime('%s', '2026-11-23T12:00:00Z') WHERE username = 'zoe' AND app_id = 1;
advance 2d
sql UPDATE grp SET name = 'Else', name_key = 'else' WHERE name = 'Engineering';
advance 1d
sql UPDATE grp SET name = 'Engineering', name_key = 'engineering' WHERE name = 'Else';
advance 1d
release 2 "they are known to leave"
advance 1d
