webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 80d and user.email = "pat@acme.example"
  then ask owner, notify admin, if ignored remove, run webhook revoke
---
# Pat is away and cannot be asked: that somebody was told is no review.
activate line
