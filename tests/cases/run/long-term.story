policy seats
  for accounts in app Salesforce
  when inactive > 80d and user.email in ("pat@acme.example", "ned@acme.example", "zoe@acme.example")
  then notify app owner "{{ account.username }}"
policy leavers
  for users
  when lifecycle in (deleted, leave)
  then notify admin "{{ user.email }}"
---
# rows: S17
# A schedule reaches who is on leave, and not who has left for long, but where the policy is about
# the lifecycle.
activate seats by schedule
activate leavers by schedule
advance 1d
