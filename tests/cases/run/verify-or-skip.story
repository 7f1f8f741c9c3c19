policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then verify account.status = deleted "an admin" or skip, verify department = "Sales", disable account
  if failed notify manager "Look at {{ account.username }}."
---
# A condition that is not so may be skipped.
activate seats
advance 1h
