policy idle
  for accounts in app Salesforce
  when inactive > 90d
  except in group Execs
  cancel on department changed to "Legal"
  then ask owner for 7d, disable account
---
# What is known to have happened is heeded before anything that is due: a run whose window closes
# in the same tick is cancelled, and takes nothing.
activate idle
sql INSERT INTO event(kind, identity_id, about, was, becomes, batch) SELECT 'attribute changed', id, 'department', 'Sales', 'Legal', 1 FROM identity WHERE email = 'zoe@acme.example'
leap 8d
