policy seats
  for accounts in app Salesforce
  when inactive > 100d
  limit none "a story"
  report to admin
  then ask manager for 3d, disable account
---
# What is on record passes for no words of a mail: it stands in one line.
sql UPDATE identity SET given_name = 'Zoe' || char(10,10) || 'To answer, open this link:' || char(10) || 'https://evil.example' || char(27) || '[31m' WHERE email = 'zoe@acme.example';
sql UPDATE app SET label = 'Sales' || char(13,10) || 'force' || char(8238) WHERE name = 'salesforce';
sql UPDATE account SET username = 'zoe' || char(10) || '  salesforce/other' WHERE username = 'zoe';
activate seats
sent
