app Salesforce
  activity from okta, salesforce

app GitHub
  activity from github logins only

policy accounts
  for accounts in apps (Salesforce, GitHub)
  when inactive > 90d
  then notify admin "{{ account.username }}: login {{ account.last_login | date }}, activity {{ account.last_activity | date }}"

policy own-order
  for accounts in apps (Salesforce, GitHub)
  activity from github, salesforce
  when inactive > 150d
  then notify admin "{{ account.username }}: login {{ account.last_login | date }}"

policy people
  for users
  when inactive > 120d
  then notify admin "{{ user.email }}"

policy elsewhere
  for accounts in app "Office 365"
  when since user.last_seen > 90d
  then notify admin "{{ account.username }}"
---
# rows: L14 L20 L22 L23
# Okta saw zoe and yan long ago: for the app that goes before what it says itself, though that is
# newer; of whom Okta says nothing, Salesforce tells. In GitHub only logins count: dlevi's activity
# of October does not, and Okta's login of lroux neither.
sql INSERT INTO activity(account_id, source_id, last_login_at, last_activity_at) SELECT a.id, s.id, 1750000000, 1760000000 FROM account a, source s WHERE a.username IN ('zoe', 'yan') AND s.name = 'okta';
activate accounts
sent
# A policy's own order goes before that of every app.
activate own-order
# People are as old as the latest of their accounts, each by its own app.
activate people
# So too for who only has an account there.
activate elsewhere
