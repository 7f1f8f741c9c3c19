webhook revoke
  url "https://hooks.acme.example/revoke"
policy expired
  for grants in app Salesforce
  every hour
  when until expires_at <= 0d
  then run webhook revoke
---
# rows: W01
# One permission for thirty days; it goes with its time, and nothing else of the account does.
sql UPDATE access_grant SET expires_at = NULL;
sql UPDATE access_grant SET expires_at = unixepoch('2026-11-20T12:00:00Z') + 86400 * 30 WHERE account_id = (SELECT id FROM account WHERE username = 'yan');
activate expired
advance 719h
advance 1h
sent
