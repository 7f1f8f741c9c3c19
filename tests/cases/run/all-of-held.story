webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 5

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  except department = "Legal"
  then all of (run webhook revoke, remove from group "Salesforce Users"), disable account
  if failed all of (run webhook revoke or skip, notify manager)
---
# The condition is asked again before each of them: unknown holds, and the run goes on from there.
webhook fails
activate seats
advance 1min
webhook works
sql UPDATE identity SET department = NULL, department_key = NULL WHERE email = 'zoe@acme.example'
advance 1d
sql UPDATE identity SET department = 'Sales', department_key = 'sales' WHERE email = 'zoe@acme.example'
retry 1
advance 1h
