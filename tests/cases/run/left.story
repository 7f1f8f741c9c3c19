policy left
  for accounts in app Salesforce
  when inactive > 90d
  reviewers olga@acme.example
  then ask reviewers, escalate to partner@audit.example after 7d, if ignored remove, disable account
---
# rows: L36
# Who has left is passed over; an address that was never known is taken as it is.
sql UPDATE identity SET gone = 1 WHERE email = 'olga@acme.example';
activate left
sent
advance 7d
