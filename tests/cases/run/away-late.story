policy stages
  for accounts in app Salesforce
  every 30d
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner remind 2d, escalate to manager after 4d for 3d, disable account
---
# Nobody is reminded who is away: the next stage begins then. Its silence decides.
activate stages
advance 1d
sql UPDATE identity SET identity_state = 1 WHERE email = 'zoe@acme.example';
advance 5d
