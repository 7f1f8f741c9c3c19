webhook revoke
  url "https://hooks.acme.example/revoke"

policy leavers
  for accounts in app Salesforce
  on access rejected
  when department = "Legal"
  then run webhook revoke
---
# rows: W21
# A policy that is paused would not take what a review rejects, and the review takes it. What has
# changed when the policy goes on and listens has it take nothing a second time.
activate leavers by schedule
pause leavers "a look"
review accounts in app Salesforce by it@acme.example for 3d at once then run webhook revoke
decide 1 remove by it@acme.example
advance 1h
company identities.csv: active,Sales -> active,Legal
decide 2 remove by it@acme.example
advance 1h
resume leavers
advance 1h
