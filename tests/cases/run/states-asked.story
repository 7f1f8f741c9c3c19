# rows: S15 S27
# Of the people who are asked only those who are active are.
policy review
  for accounts in app Salesforce
  when account.username = "olga"
  then ask (zoe@acme.example, pat@acme.example, ned@acme.example), disable account
---
activate review
advance 8d
