# A role is given once and taken once; what the run gave is left out when it looks again.
policy sellers
  for users
  when department = "Sales" and not has role "CRM User"
  then assign role "CRM User", wait 1d, disable user
policy auditors
  for accounts in app Salesforce
  when has role Auditor
  then unassign role Auditor, wait 1d, disable account, assign role Auditor
policy none
  for users
  when department = "Legal"
  then unassign role "CRM User"
---
# rows: M20
activate sellers
store role
advance 1d
store role
activate auditors
store role
advance 1d
store role
activate none
