webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d
  then ask owner for 7d, run webhook revoke
---
# A pilot's condition is one of the language, and says for whom.
activate line only departmnt = "Sales"
activate line only until password_expires_at reaches 7d
activate line only department = Sales or
# Whose department is not known is not taken for one of the pilot.
sql UPDATE identity SET department = NULL, department_key = NULL WHERE email = 'ceo@acme.example';
activate line only department = "Sales"
advance 1d
# Who leaves the pilot is left alone, and the run says why.
sql UPDATE identity SET department = 'Legal', department_key = 'legal' WHERE email = 'zoe@acme.example';
# Where it is no longer known whether somebody is in it, nothing is taken.
sql UPDATE identity SET department = NULL, department_key = NULL WHERE email = 'olga@acme.example';
advance 8d
# The same version for all: what the pilot opened stays in it.
activate line
sql UPDATE identity SET department = 'Sales', department_key = 'sales' WHERE email = 'olga@acme.example';
retry 2
advance 8d
