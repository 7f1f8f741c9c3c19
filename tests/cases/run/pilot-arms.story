policy line
  for accounts in app Salesforce
  when inactive > 90d then notify owner, wait 3d, disable account
  when in group Execs then notify manager, wait 3d, disable account
---
# A pilot narrows every arm: who leaves it is left alone, and where that is not known, nothing is
# taken.
activate line only department in ("Sales", "Board")
sql UPDATE identity SET department = 'Legal', department_key = 'legal' WHERE email = 'zoe@acme.example';
sql UPDATE identity SET department = NULL, department_key = NULL WHERE email = 'olga@acme.example';
advance 4d
# Nor does leaving it let go of whom a run was done for.
activate line only department = "Legal"
advance 1d
activate line
advance 1d
