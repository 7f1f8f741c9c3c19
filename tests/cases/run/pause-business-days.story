policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner for 3bd, wait 2bd, disable account
---
# From Friday noon three business days would end on Wednesday. Paused from Friday afternoon to
# Monday afternoon one working day is lost, and not three.
activate seats
advance 4h
pause seats "over the weekend"
advance 3d
resume seats
advance 7d
# Over a weekend alone nothing is lost.
pause "all of them"
advance 1h
resume
advance 14d
