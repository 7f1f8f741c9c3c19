webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and department = "Sales" and user.email = "zoe@acme.example"
  then run webhook revoke
---
activate line
advance 1d
sql UPDATE identity SET department = NULL, department_key = NULL WHERE email = 'zoe@acme.example';
advance 1d
sql UPDATE identity SET department = 'Sales', department_key = 'sales' WHERE email = 'zoe@acme.example';
advance 2d
