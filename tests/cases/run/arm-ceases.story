policy both
  for accounts in app Salesforce
  when inactive > 100d then wait 2d, notify admin "two days", disable account
  when department = "Sales" then wait 1d, remove from group "Salesforce Users"
  except in group Execs
---
# Zoe changes her department while the first arm waits: the second takes nothing from her. Yan is
# only in the second. Where nothing holds any more the run ends.
sql UPDATE identity SET department = 'Sales', department_key = 'sales' WHERE email = 'pat@acme.example';
activate both
advance 1h
sql UPDATE identity SET department = 'Legal', department_key = 'legal' WHERE email IN ('zoe@acme.example', 'yan@acme.example');
advance 5d
