webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then ask owner remind (3d, 1d), escalate after 7d, run webhook revoke
---
# The window counts from the delivery, and so do the reminders of each of its ends.
mail fails
activate seats
sent
advance 1min
mail works
advance 3d
sent
advance 1d
sent
# Who has answered is not reminded.
decide 2 keep by olga@acme.example
# Who has left since is not either.
advance 3d
sent
sql UPDATE identity SET identity_state = 1 WHERE email = 'olga@acme.example'
advance 7d
