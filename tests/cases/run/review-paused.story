policy rejected-seats
  for accounts in app Salesforce
  on access rejected
  then notify owner "rejected", remove access
---
# rows: W31
# While a review is paused no verdict leaves it, also for a policy that is not paused, however it
# would close.
activate rejected-seats by schedule
review accounts in app Salesforce by it@acme.example for 3d then remove access
decide 1 remove by it@acme.example
pause review 1 "the works council"
review close 1
pause "all stop"
review close 1
resume
advance 5d
resume review 1
advance 2d
# Closed early it is when nothing is paused.
review close 1
