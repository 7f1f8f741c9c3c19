# What never happens is asked of the apps' own signs of life, whichever a policy names: also in
# the midst of a run that has taken the account from its app.
policy by-okta
  for accounts in app Salesforce
  activity from okta logins only
  when inactive > 90d
  then unassign from app, wait 1d, disable account
never disable account when since account.last_seen < 30d
---
sql INSERT INTO activity(account_id, source_id, last_login_at, last_activity_at) SELECT a.id, s.id, 1750000000, 1794000000 FROM account a, source s WHERE a.username IN ('zoe', 'yan') AND s.name = 'okta';
activate by-okta
advance 1d
