webhook revoke
  url "https://hooks.acme.example/revoke"

group Wardens in okta

policy rejected-seats
  for accounts in app Salesforce
  on access rejected
  limit 1
  then run webhook revoke

policy wardens
  for accounts in app Salesforce
  on access rejected
  when in group Engineering
  then unassign from app
---
# rows: W21
# A policy that would pass its limit takes nothing yet, and neither does the review: once the
# evaluation is released the policy takes it, and where it is discarded the review does.
activate rejected-seats by schedule
activate wardens by schedule
review accounts in app Salesforce by it@acme.example for 3d then run webhook revoke
decide 1 remove by it@acme.example
decide 2 remove by it@acme.example
advance 4d
release 2 "they are known to leave"
advance 1d
review accounts in app Salesforce by it@acme.example for 3d then run webhook revoke
decide 9 remove by it@acme.example
decide 10 remove by it@acme.example
advance 4d
sent
discard 6 "the review may do it"
advance 1d
# Nor is anything taken as long as it is not known what another policy takes.
deactivate rejected-seats
review accounts in app Salesforce by it@acme.example for 3d at once then run webhook revoke
sql UPDATE grp SET name = 'Else', name_key = 'else' WHERE name = 'Engineering';
decide 14 remove by it@acme.example
decide 15 remove by it@acme.example
advance 2d
sent
sql UPDATE grp SET name = 'Engineering', name_key = 'engineering' WHERE name = 'Else';
advance 3d
