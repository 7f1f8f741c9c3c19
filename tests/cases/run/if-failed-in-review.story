webhook revoke
  url "https://hooks.acme.example/revoke"
policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 2d, task manager "Call {{ user.name }}.", ask manager for 2d, disable account
  if failed notify admin, all of (run webhook revoke, disable account), end sessions
---
# A step fails while the review goes on: nobody has decided that anything goes, so nothing does.
sql INSERT INTO session(account_id, name) SELECT id, 'phone' FROM account WHERE username = 'zoe';
activate seats
advance 1d
mail refused
advance 1d
mail works
store account salesforce/zoe
# Set going again, the review is as it was; the owner may still keep it.
retry 1
decide 1 keep by zoe@acme.example
