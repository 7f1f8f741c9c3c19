policy fresh
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 10d
  except in group Execs
  count from activation
  limit none "a story"
  then ask owner for 20d, disable account
---
# The backlog is not acted on at once: ten days must pass from the activation.
activate fresh
advance 10d
advance 1d
# Activated again, the lengths count anew; runs go on as they began.
activate fresh
advance 9d
sql UPDATE account SET last_seen = last_seen + 60 WHERE username = 'zoe';
advance 12d
