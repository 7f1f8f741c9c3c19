policy exp
  for grants in app Salesforce
  on access expired
  then ask manager for 5d, if ignored remove, remove access
---
# Each expiry is a question of its own: that another one was kept is no answer to it. While a run
# is open it waits; and one that is put off asks nobody.
activate exp by schedule
sql UPDATE access_grant SET expires_at = strftime('%s', '2026-11-22T12:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'zoe' AND app_id = 1);
advance 3d
decide 2 keep by olga@acme.example
sql UPDATE access_grant SET expires_at = strftime('%s', '2026-11-25T12:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'zoe' AND app_id = 1);
advance 3d
# Put off while it is asked about, and passed again before the answer.
sql UPDATE access_grant SET expires_at = strftime('%s', '2026-11-27T12:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'zoe' AND app_id = 1);
advance 2d
cancel 3
advance 1h
# Put off again before the one that waits is heard.
sql UPDATE access_grant SET expires_at = strftime('%s', '2026-11-28T18:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'zoe' AND app_id = 1);
advance 1d
sql UPDATE access_grant SET expires_at = strftime('%s', '2027-11-28T18:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'zoe' AND app_id = 1);
cancel 4
advance 1d
