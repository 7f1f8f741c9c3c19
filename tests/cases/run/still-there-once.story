webhook revoke
  url "https://hooks.acme.example/revoke"

policy away
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  limit none "a test"
  then remove from group "Salesforce Users", run webhook revoke, unassign from app, notify owner
---
# Newer data shows two things that one run took: it fails once, at the first of them, and says what
# is done again behind it.
activate away
advance 1h
sql UPDATE source SET as_of = NULL;
import accounts.csv
import memberships.csv
sent
advance 10min
sent
# What is taken again is taken; a webhook is another request, of another key.
retry 1
advance 10min
sent
store outbox
