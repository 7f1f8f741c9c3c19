webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner, wait 3d, ask manager, if ignored keep, run webhook revoke
---
# The owner wants to answer while the run pauses between two questions.
activate line
advance 8d
decide 1 keep by zoe@acme.example
