webhook revoke
  url "https://hooks.acme.example/revoke"

policy rejected-seats
  for accounts in app Salesforce
  on access rejected
  except user.email = "yan@acme.example"
  then run webhook revoke, remove access

policy told
  for accounts
  on access rejected
  then notify owner "A review has ended your access to {{ app.label }}."

policy rejected-permissions
  for grants in app Salesforce
  on access rejected
  then remove access
---
# rows: W02 W21
# What an access review rejects is told of as it closes, and once. A policy that takes it away does
# it in its own way, and the review leaves it to that one; what no policy takes the review takes
# itself. A policy that only tells takes nothing.
activate rejected-seats by schedule
activate told by schedule
activate rejected-permissions by schedule
review accounts in app Salesforce by it@acme.example for 3d then disable account
decide 1 remove by it@acme.example with "left the team"
decide 2 remove by it@acme.example
decide 3 keep by it@acme.example
advance 2d
store event
advance 1d
# The webhook hears the words of whoever rejected it.
sent
store event
store account salesforce
advance 30d
# Closed before its time.
review accounts in app Salesforce by it@acme.example for 3d then disable account
decide 11 remove by it@acme.example
review close 2
# Where verdicts act at once they are told of at once.
review grants in app Salesforce by it@acme.example for 3d at once then remove access
decide 16 remove by it@acme.example
advance 1h
advance 5d
store event
store grant
