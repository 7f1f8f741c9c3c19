policy sellers
  for accounts in app Salesforce
  when has permission "Service Cloud"
  then notify admin "{{ account.username }}"
policy by-hand
  for accounts in app Salesforce
  when has permission "Service Cloud" from MANUAL and not has permission "Sales Cloud"
  then notify admin "{{ account.username }} by hand"
---
# rows: L08
activate sellers
activate by-hand
sent
