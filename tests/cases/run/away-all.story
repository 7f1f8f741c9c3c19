policy stages
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner, escalate to manager after 4d for 3d, if ignored keep, disable account
---
# Where all who were asked are away the run is held, whatever silence would mean.
activate stages
advance 5d
sql UPDATE identity SET gone = 1 WHERE email = 'olga@acme.example';
sql UPDATE identity SET identity_state = 1 WHERE email = 'zoe@acme.example';
advance 1d
# Set going again, it asks whoever is there then.
sql UPDATE identity SET identity_state = 0 WHERE email = 'zoe@acme.example';
mail refused
retry 1
advance 5d
