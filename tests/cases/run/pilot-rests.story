webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner for 2d, run webhook revoke
---
# Being outside a pilot is not ceasing to match: whose access was taken rests until it does.
activate line
advance 3d
activate line only department = "Legal"
advance 2d
activate line
advance 2d
# A pilot follows the first one; what the first one opened is narrowed as it was then.
sql UPDATE run SET blocks_until = 0;
activate line only department = "Sales"
activate line only department = "Legal"
advance 1d
sql UPDATE identity SET department = 'Legal', department_key = 'legal' WHERE email = 'zoe@acme.example';
advance 3d
