policy orphans
  for accounts in app Salesforce
  when never active
  then ask owner, if ignored keep, disable account

policy orphans-to-app-owner
  for accounts in app Salesforce
  when never active
  then ask owner, escalate after 7d, disable account
---
# Where nobody can be asked the run is held; a stage with nobody goes to the next at once.
activate orphans
activate orphans-to-app-owner
advance 7d
