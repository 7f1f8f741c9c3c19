webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when has permission "Sales Cloud" and user.email = "zoe@acme.example"
  then run webhook revoke, wait 2d, remove from group "Salesforce Users", notify owner
---
# The webhook does what it is for; the next import says so.
activate line
advance 1h
sql DELETE FROM access_grant WHERE account_id = (SELECT id FROM account WHERE username = 'zoe');
advance 3d
