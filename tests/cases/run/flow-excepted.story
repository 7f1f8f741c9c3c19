# Before each call it is asked again whether it should be.
flow close
  call POST "https://one.acme.example/seats/{{ account.seat }}",
  call POST "https://two.acme.example/seats/{{ account.seat }}" retry 3

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  except department = "Legal"
  then run flow close, disable account
---
webhook fails at two.acme.example
activate seats
sql UPDATE identity SET department = 'Legal', department_key = 'legal' WHERE email = 'zoe@acme.example';
advance 1h
