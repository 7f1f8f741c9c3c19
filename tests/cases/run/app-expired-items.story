webhook revoke
  url "https://hooks.acme.example/revoke"
webhook others
  url "https://hooks.acme.example/others"

app Salesforce
  deprovision with webhook revoke

policy sleepers
  for accounts
  every day
  when inactive > 900d
  then notify owner

policy watched
  for accounts in app Salesforce
  on access expired
  then notify admin "{{ account.username }}"
---
# rows: W01 W20 W23
# The item counts that stands in the text of the policy which was put to work last; one that is only
# observed, or a pilot, says nothing, and takes nothing but whom it looks at.
sql UPDATE access_grant SET expires_at = NULL;
sql UPDATE account SET expires_at = strftime('%s', '2026-11-21T12:00:00Z') WHERE username = 'yan' AND app_id = 1;
sql UPDATE account SET expires_at = strftime('%s', '2026-11-22T12:00:00Z') WHERE username = 'zoe' AND app_id = 1;
sql UPDATE account SET expires_at = strftime('%s', '2026-11-23T12:00:00Z') WHERE username = 'pat' AND app_id = 1;
sql UPDATE account SET expires_at = strftime('%s', '2026-11-24T12:00:00Z') WHERE username = 'ned' AND app_id = 1;
sql UPDATE account SET expires_at = strftime('%s', '2026-11-25T12:00:00Z') WHERE username = 'ceo' AND app_id = 1;
sql UPDATE account SET expires_at = strftime('%s', '2026-11-26T12:00:00Z') WHERE username = 'olga' AND app_id = 1;
activate sleepers
activate watched by schedule observed
advance 1d
activate watched by schedule only account.username = "zoe"
publish sleepers with webhook revoke as webhook others
activate sleepers
advance 1d
advance 1d
# Somebody deactivates it.
deactivate expired accounts of salesforce
advance 1d
activate "expired accounts of salesforce" by schedule
advance 1d
# Nothing says it any more.
publish sleepers with deprovision with webhook others as end sessions with webhook others
activate sleepers
advance 2d
sent
