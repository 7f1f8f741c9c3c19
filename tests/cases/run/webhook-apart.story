webhook broken
  url "https://hooks.acme.example/broken"
  retry 9

webhook slow
  url "https://hooks.acme.example/slow"
  retry 9

webhook sound
  url "https://hooks.acme.example/sound"
  retry 9

policy first
  for accounts in app Salesforce
  when inactive > 90d
  then run webhook broken

policy second
  for accounts in app GitHub
  when inactive > 90d
  then run webhook sound

policy third
  for accounts in app GitHub
  when inactive > 90d
  then run webhook slow
---
# One that cannot do it is left alone, and others of its host are not.
webhook busy at hooks.acme.example/broken
activate first
advance 10min
activate second
advance 10min
# A host that is silent is left alone as a whole; each that waits has its turn with the attempt.
webhook fails
webhook fails at hooks.acme.example/sound
activate third
advance 2h
webhook works at hooks.acme.example/sound
advance 2h
