policy by-okta
  for accounts in app Salesforce
  activity from okta logins only
  when inactive > 90d
  then notify admin "{{ account.username }} last logged in on {{ account.last_login | date }}."

policy by-two
  for users
  activity from okta, salesforce
  when inactive > 90d
  then notify admin "{{ user.email }}"
---
# rows: L14
# Zoe's last login by Okta is older than what the app says; activity does not count. Olga's
# only login is there. Whoever Okta knows nothing of stays undecided.
sql INSERT INTO activity(account_id, source_id, last_login_at, last_activity_at) SELECT a.id, s.id, 1750000000, 1794000000 FROM account a, source s WHERE a.username IN ('zoe', 'yan') AND s.name = 'okta';
activate by-okta
sent
# By two sources the first that knows decides of logins and of activity, each.
activate by-two
sent
