policy next
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner, escalate to manager after 7d, disable account

policy both
  for accounts in app GitHub
  when inactive > 90d
  then ask (manager, admin) for 7d, disable account
---
# Who goes away while they are asked is asked no longer: the next stage begins when the policy
# is evaluated. Where somebody of a stage is left, it goes on.
activate next
activate both
advance 2d
sql UPDATE identity SET identity_state = 1 WHERE email = 'zoe@acme.example';
sql UPDATE identity SET gone = 1 WHERE email = 'dev.lead@acme.example';
advance 1d
# Whoever was asked may decide all the same.
decide 1 keep by zoe@acme.example
advance 5d
