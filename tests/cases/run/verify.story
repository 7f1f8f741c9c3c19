policy seats
  for accounts in app Salesforce
  when inactive > 90d and in group "Salesforce Users"
  then remove from group "Salesforce Users",
       verify not in group "Salesforce Users",
       wait 1d,
       verify account.status = disabled "the app still shows the seat",
       notify manager
---
# rows: O17
# What the run itself has changed is seen; what is not so fails the run with these words.
activate seats
advance 1d
# Once it is so, the run goes on from there.
sql UPDATE account SET status = NULL WHERE username = 'zoe'
# What is not known holds.
retry 1
advance 1h
sent
sql UPDATE account SET status = 'disabled' WHERE username = 'zoe'
retry 1
advance 1h
