# What SCIM has no word for is not done in the store alone where the account lives elsewhere: the
# step fails and says why, and what else can be done is done.
policy seats
  for accounts in app Salesforce
  when user.email = "zoe@acme.example"
  then all of (end sessions, unassign from app, remove access, suspend user, disable account)
---
connect salesforce
connect okta with users
sql INSERT INTO session(account_id, name) SELECT id, 's1' FROM account WHERE username = 'zoe'
activate seats
sent
store session
store user zoe
store account salesforce/zoe
