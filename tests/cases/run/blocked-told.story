policy offices
  for accounts in app Salesforce
  every 6h
  when inactive > 80d and in group Engineering
  then notify admin "{{ account.username }}"
---
activate offices
sql UPDATE grp SET gone = 1 WHERE name = 'Engineering';
# The admin is told once, and again each day while it lasts.
advance 1d
sent
advance 7h
sent
