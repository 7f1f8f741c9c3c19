webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and department = "Sales"
  then ask owner, run webhook revoke
---
activate line
advance 6d
# The department goes missing before the webhook would run: nothing is taken on a guess.
sql UPDATE identity SET department = NULL, department_key = NULL WHERE email = 'zoe@acme.example';
advance 2d
sql UPDATE identity SET department = 'Sales', department_key = 'sales' WHERE email = 'zoe@acme.example';
retry 1
advance 1h
