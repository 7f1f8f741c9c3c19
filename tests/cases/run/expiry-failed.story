webhook revoke
  url "https://hooks.acme.example/revoke"

policy exp
  for grants in app Salesforce
  on access expired
  then run webhook revoke, remove access
---
# An expiry waits for a run that has failed, until somebody retries or cancels that one.
activate exp by schedule
webhook refused
sql UPDATE access_grant SET expires_at = strftime('%s', '2026-11-22T12:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'zoe' AND app_id = 1);
advance 3d
sql UPDATE access_grant SET expires_at = strftime('%s', '2026-11-25T12:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'zoe' AND app_id = 1);
advance 3d
webhook works
cancel 2
advance 1h
