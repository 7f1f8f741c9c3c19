# An account's own; a user's in every app. Where none is open nothing is to be done.
policy accounts
  for accounts in app Salesforce
  when has session
  then end sessions, wait 1d, disable account
policy users
  for users
  when has session and department = "Engineering"
  then end sessions, end sessions
policy nobody
  for users
  when department = "Sales"
  then end sessions
---
sql INSERT INTO session(account_id, name) SELECT id, 'phone' FROM account WHERE username IN ('zoe', 'lroux', 'lea@acme.example', 'zoe@acme.example');
store session
activate accounts
store session
activate users
store session
activate nobody
advance 1d
