webhook revoke
  url "https://hooks.acme.example/revoke"

policy offboard
  for accounts
  on user suspended
  then run webhook revoke, notify admin "{{ account.username }} in {{ app.label }} is off."

policy watch
  for users
  on status changed from active to (suspended, disabled)
  then notify admin "{{ user.email }} is {{ user.status }}."
---
# rows: O05 O16 M02
# One event about a user reaches each of their accounts, and none of anybody else's.
activate offboard by schedule
activate watch by schedule
event user suspended, zoe@acme.example
# It is so already, and was told: that starts nothing.
event user suspended, zoe@acme.example
advance 1d
