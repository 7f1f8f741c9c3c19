webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 3

app Salesforce
  deprovision with webhook revoke

policy sleepers
  for accounts
  every day
  when inactive > 900d
  then notify owner

never remove access when account.username = "ceo"
---
# rows: W20 W23
# What is done as an app says keeps to whatever policies keep to.
activate sleepers
sql UPDATE access_grant SET expires_at = NULL;
# Who is protected keeps it, and so does whoever is never to lose it.
protect user zoe@acme.example
sql UPDATE account SET expires_at = strftime('%s', '2026-11-21T12:00:00Z') WHERE username IN ('zoe', 'ceo') AND app_id = 1;
advance 2d
cancel 2
cancel 3
# Who is given more time while the other system does not answer keeps it.
webhook fails
sql UPDATE account SET expires_at = strftime('%s', '2026-11-23T12:00:00Z') WHERE username = 'yan' AND app_id = 1;
advance 1d
sql UPDATE account SET expires_at = strftime('%s', '2027-11-23T12:00:00Z') WHERE username = 'yan' AND app_id = 1;
webhook works
advance 1d
# Paused, it waits; then it is done once.
pause "a look"
sql UPDATE account SET expires_at = strftime('%s', '2026-11-25T12:00:00Z') WHERE username = 'pat' AND app_id = 1;
advance 2d
resume
advance 1d
sent
