webhook revoke
  url "https://hooks.acme.example/revoke"

policy rejected-seats
  for accounts in app Salesforce
  on access rejected
  except user.email = "yan@acme.example"
  then run webhook revoke
---
# rows: W21
# What a review rejects while the policy that takes it is paused waits for that policy: it is taken
# once, in the policy's own way. What the policy does not take the review takes at once.
activate rejected-seats by schedule
review accounts in app Salesforce by it@acme.example for 3d then run webhook revoke
decide 1 remove by it@acme.example
decide 2 remove by it@acme.example
pause rejected-seats "its receiver is down"
advance 4d
# The admin learns it, once.
sent
advance 2d
sent
resume rejected-seats
advance 2d
# While everything is paused nobody closes a review.
review accounts in app Salesforce by it@acme.example for 3d then run webhook revoke
decide 10 remove by it@acme.example
pause "all stop"
review close 2
advance 1d
resume
# Now it is closed, and the policy takes it.
review close 2
advance 1d
