policy seats
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 150d
  limit 2
  then ask owner for 40d, disable account
---
# Two runs open now, a third one four weeks later: each evaluation keeps to the limit.
activate seats
advance 28d
# All of them are decided on one day: the third waits until a day after the first.
sent
decide 1 remove by olga@acme.example
advance 6h
decide 2 remove by ceo@acme.example
decide 3 remove by zoe@acme.example
advance 1h
# Setting it going does not let it through either.
retry 3
advance 16h
advance 1h
sent
