# By the sources of the policy a run stays what it was, though its account is gone.
policy by-okta
  for accounts in app Salesforce
  activity from okta logins only
  when inactive > 90d and since user.last_seen > 90d
  then unassign from app, wait 1d, disable account, notify admin "{{ account.username }} last logged in on {{ account.last_login | date }}."
---
sql INSERT INTO activity(account_id, source_id, last_login_at, last_activity_at) SELECT a.id, s.id, 1750000000, 1794000000 FROM account a, source s WHERE a.username IN ('zoe', 'yan') AND s.name = 'okta';
activate by-okta
store account salesforce/zoe
# Yan logs in; what the app itself says of zoe does not count.
sql UPDATE activity SET last_login_at = 1795170000 WHERE source_id = (SELECT id FROM source WHERE name = 'okta') AND account_id = (SELECT id FROM account WHERE username = 'yan');
sql UPDATE activity SET last_login_at = 1795170000 WHERE source_id = (SELECT id FROM source WHERE name = 'salesforce') AND account_id = (SELECT id FROM account WHERE username = 'zoe');
advance 1d
sent
