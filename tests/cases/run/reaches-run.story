policy expiring
  for accounts in app Salesforce
  every day at 12:00
  when until account.expires_at reaches (14d, 7d) and inactive > 90d
  then ask owner for 3d, disable account
---
# An edge that opened a run stays true for it; the next edge opens another, once that is over.
sql UPDATE account SET expires_at = 1795176000 + 86400 * 16 WHERE username IN ('zoe', 'olga');
activate expiring
advance 2d
decide 1 keep by zoe@acme.example
advance 3d
sql UPDATE account SET status = 'active' WHERE username = 'olga';
advance 5d
