policy seats
  for accounts in app Salesforce
  when inactive > 80d
  then disable account, revoke permission "Sales Cloud"
---
# An account that belongs to somebody else now, to nobody, or that was made anew, is given back
# to none of them; nor is one whose owner is gone.
activate seats
advance 1d
sql UPDATE account SET identity_id = (SELECT id FROM identity WHERE email = 'lea@acme.example') WHERE username = 'zoe';
sql UPDATE account SET identity_id = 0 WHERE username = 'ceo';
sql UPDATE account SET created_at = unixepoch('2026-11-21T00:00:00Z') WHERE username = 'olga';
sql UPDATE identity SET gone = 1 WHERE email = 'pat@acme.example';
undo evaluation 1
store account salesforce
store grant salesforce
