policy offices
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 80d
  limit 2
  then disable account
---
# Held, with its list; the admin is told. The next evaluation finds the same, and is the same
# still: nobody is told again.
activate offices
sent
advance 1d
release 1 "checked with Olga"
# All of them at once: whoever was let through is let through to the end, and they count.
advance 1h
release 1
discard 1
sql UPDATE account SET last_seen = 1780000000, last_login = 1780000000 WHERE username = 'yan';
advance 1d
advance 1d
