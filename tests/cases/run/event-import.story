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

policy seats
  for accounts in app Salesforce
  on account.seat changed
  then notify admin "{{ account.username }} has another seat."
---
# rows: M02
# Later imports raise events, and the same data again raises none.
activate movers by schedule
activate imported by schedule
activate joined by schedule
activate seats by schedule
company apps.csv: Salesforce -> Salesforce
company identities.csv: Account Executive -> Seller; identities.csv: Quist,active,Sales -> Quist,active,Legal
company identities.csv: it@acme.example,it, -> nel@acme.example,nel,Nel,Ek,active,IT,,,active,,,,100,\nit@acme.example,it,; memberships.csv: Execs,okta,ceo -> Execs,okta,yan@acme.example,2026-11-20\nExecs,okta,ceo
# What is known of a new account is no change; what is known otherwise, or no more, is one.
company accounts.csv: github,max -> salesforce,neu,zoe@acme.example,active,2026-11-20,A9\ngithub,max; accounts.csv: 2022-05-03,A1 -> 2022-05-03,B1; accounts.csv: 2023-02-02,A2 -> 2023-02-02,
store event
