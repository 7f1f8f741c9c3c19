webhook slow
  url "https://hooks.acme.example/slow"
  retry 9

webhook sound
  url "https://hooks.acme.example/sound"
  retry 9

policy first
  for accounts in app Salesforce
  when inactive > 90d
  then run webhook slow

policy second
  for accounts in app GitHub
  when inactive > 90d
  then run webhook sound
---
# A host that is silent is left alone as a whole, and what waits has its turn with the attempt: one
# that never answers keeps no other from being tried.
webhook fails
activate first
advance 2min
webhook works at hooks.acme.example/sound
activate second
advance 4min
