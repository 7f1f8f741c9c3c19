policy leavers
  for users
  when email = "max@acme.example"
  then suspend user, wait 1d, end sessions
---
# rows: O08
# A suspension ends no session; a step does.
sql INSERT INTO session(account_id, name) SELECT id, 'phone' FROM account WHERE username = 'max';
activate leavers
store user max
store session
advance 1d
store session
