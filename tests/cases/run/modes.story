policy owner-first
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  reviewers it@acme.example, max@acme.example, group Leadership
  then ask owner, escalate to reviewers after 3d for 4d, disable account
policy reviewers-only
  for accounts in app Salesforce
  when inactive > 90d and user.email = "olga@acme.example"
  reviewers it@acme.example
  then ask reviewers for 5d, disable account
policy owner-only
  for accounts in app Salesforce
  when inactive > 90d and user.email = "ceo@acme.example"
  reviewers it@acme.example
  then ask owner for 6d, disable account
policy at-once
  for accounts in app Salesforce
  when inactive > 80d and user.email = "pat@acme.example"
  reviewers it@acme.example
  then disable account
---
# rows: L02 L25 L27 L28 L29 L30 L31 L32 L33 L34 L36 L37 L38 L39 L40
# Who is asked first is one of four; asking takes nothing.
activate owner-first
activate reviewers-only
activate owner-only
activate at-once
store account salesforce
sent
# After three days the reviewers of the first, whoever they are, are asked too.
advance 3d
# The owner may still decide, once and for all, and nobody is told of it.
sent
decide 1 keep by zoe@acme.example
decide 1 remove by it@acme.example
advance 4d
sent
store account salesforce
