policy line
  for accounts in app Salesforce
  every day at 00:00
  when inactive > 90d and user.email in ("zoe@acme.example", "yan@acme.example")
  then notify manager
---
# rows: L61 L65 L66
# Published, nothing happens; activated without being evaluated, nothing before the next time.
advance 2d
activate line by schedule
advance 11h
advance 1h
# And every day from then on.
sql UPDATE account SET last_login = 1763800000, last_seen = 1763800000 WHERE username = 'yan';
advance 1d
