policy first
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then disable account, end sessions, set title = "A", add to group Execs
policy second
  for accounts in app Salesforce
  when user.email = "zoe@acme.example"
  then unassign from app, set title = "B"
---
# What stayed because another run had changed it since is undone once that run is.
sql INSERT INTO session(account_id, name) SELECT id, 'phone' FROM account WHERE username = 'zoe';
store account salesforce/zoe
activate first
activate second
advance 1h
undo 1 plan
undo 1
undo 2
undo 1
store account salesforce/zoe
undo 1
