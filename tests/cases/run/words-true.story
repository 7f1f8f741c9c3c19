policy leavers
  for users
  on user suspended
  then ask owner, escalate to manager after 3d, notify manager, disable user
  if kept notify manager

policy orphans "Accounts of nobody"
  for accounts in app Salesforce
  when owner is unknown
  then ask admin for 3d, disable account
  if kept notify admin

policy expired
  for grants in app Salesforce
  on access expired
  then ask manager for 3d, remove access, notify manager

policy soon
  for accounts in app GitHub
  when until account.expires_at <= 7d
  then ask owner for 3d, disable account
---
# The built-in words say nothing that a policy did not ask: nobody's use of anything is at stake here,
# one asks about a person, one about what nobody owns.
activate leavers by schedule
event user suspended, max@acme.example
advance 4d
sent
decide 1 keep by dev.lead@acme.example
activate orphans
advance 1h
sent
decide 2 keep by it@acme.example
advance 1h
sent
activate expired by schedule
sql UPDATE access_grant SET expires_at = strftime('%s', '2026-12-02T12:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'yan' AND app_id = 1);
advance 12d
sent
# What ends is asked about because it ends, whenever it was used.
sql UPDATE account SET expires_at = strftime('%s', '2026-12-08T12:00:00Z') WHERE username = 'dlevi';
activate soon
advance 1h
sent
