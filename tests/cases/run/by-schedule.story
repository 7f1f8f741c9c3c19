policy line
  for accounts in app Salesforce
  every day at 00:00
  when inactive > 90d and user.email in ("zoe@acme.example", "pat@acme.example")
  then notify manager
---
# rows: L61 L65 L66
# Published, nothing happens; activated without being evaluated, nothing before the next time.
advance 2d
activate line by schedule
advance 11h
advance 1h
# And every day from then on: Pat is inactive for long enough on the next day.
advance 2d
