policy kept
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 100d and user.email = "zoe@acme.example"
  then ask owner for 1d, disable account
  if kept snooze 30d
policy compared
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 180d and user.email = "olga@acme.example"
  then disable account
---
# Whoever is given something back rests as after a decision to keep, whether or not an evaluation
# has seen in between that they no longer match.
activate kept
activate compared
advance 2d
undo 1
undo 2
advance 35d
advance 160d
