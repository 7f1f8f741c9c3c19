policy movers
  for users
  on department changed from "Sales"
  then notify admin "{{ user.email }} moved to {{ user.department }}."

policy imported
  for users
  on user updated by import
  then notify admin "{{ user.email }} was changed by an import."

policy joined
  for users
  on (user created by import, group joined Execs)
  then notify admin "{{ user.email }} is new."
---
# rows: M02
# Later imports raise events, and the same data again raises none.
activate movers by schedule
activate imported by schedule
activate joined by schedule
company apps.csv: Salesforce -> Salesforce
company identities.csv: Account Executive -> Seller; identities.csv: Quist,active,Sales -> Quist,active,Legal
company identities.csv: it@acme.example,it, -> nel@acme.example,nel,Nel,Ek,active,IT,,,active,,,,100,\nit@acme.example,it,; memberships.csv: Execs,okta,ceo -> Execs,okta,yan@acme.example,2026-11-20\nExecs,okta,ceo
store event
