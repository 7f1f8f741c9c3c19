policy seats
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 100d
  limit none "a story"
  report to (admin, it@acme.example)
  then ask owner for 2d, disable account
---
# rows: M54
# Who is named twice is told once, and when the questions are out.
activate seats
sent
# What is done since then is told with the next evaluation; who is busy is not listed again.
advance 3d
sent
# Nothing found and nothing done is no news.
sql DELETE FROM account WHERE last_seen < 1787000000;
sql UPDATE account SET last_seen = 1795000000, last_login = 1795000000;
advance 1d
sent
advance 1d
sent
# Who is undecided is told once, and again when there are more.
sql UPDATE account SET last_seen = NULL, last_login = NULL WHERE username = 'yan';
advance 1d
sent
advance 1d
sent
