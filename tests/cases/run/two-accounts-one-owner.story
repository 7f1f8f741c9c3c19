policy groups
  for accounts
  when in group "Salesforce Users"
  limit none "test"
  then remove from group "Salesforce Users"
---
activate groups
