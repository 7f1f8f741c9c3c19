webhook revoke
  url "https://hooks.acme.example/revoke"

policy movers
  for accounts in app Salesforce
  on (access rejected, department changed)
  limit 1
  then run webhook revoke
---
# rows: W21
# A held evaluation had the subjects on its list before a review rejected them: the review waits
# for it all the same, and leaves to it what it takes once it is released.
activate movers by schedule
company identities.csv: active,Sales -> active,Legal
review accounts in app Salesforce by it@acme.example for 3d then run webhook revoke
decide 1 remove by it@acme.example
decide 2 remove by it@acme.example
advance 4d
release 1 "they all leave"
advance 1d
