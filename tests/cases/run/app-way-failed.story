# rows: O13
# A way that failed changes nothing here.
webhook revoke
  url "https://hooks.acme.example/revoke"
app Salesforce
  disable account with webhook revoke
policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then disable account, notify manager "{{ webhook.msg }}"
---
webhook refused
activate seats
advance 1h
store account salesforce/zoe
webhook works
retry 1
advance 1h
store account salesforce/zoe
sent
