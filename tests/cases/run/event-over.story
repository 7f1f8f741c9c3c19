policy execs
  for users
  on (group left Execs, group joined Engineering)
  then notify admin "{{ user.email }}: a member of other groups."

policy movers
  for users
  on department changed from "Sales" to "Legal"
  then notify admin "{{ user.email }} moved to Legal."

policy changes
  for users
  on title changed
  then notify admin "{{ user.email }} has another title."

policy suspended
  for users
  on user suspended
  then notify admin "{{ user.email }} is suspended."
---
# What has been turned back by the time that it is heard opens nothing, whoever told of it; the rest does.
activate execs by schedule
activate movers by schedule
activate changes by schedule
activate suspended by schedule
event group left, ceo@acme.example, group Execs, and nothing runs
event group joined, ceo@acme.example, group Execs, and nothing runs
event group joined, zoe@acme.example, group Engineering, and nothing runs
event group left, zoe@acme.example, group Engineering, and nothing runs
event group left, max@acme.example, group Engineering, and nothing runs
event group joined, max@acme.example, group Engineering, and nothing runs
advance 1h
event attribute changed, zoe@acme.example, attribute department, new "Legal", and nothing runs
event attribute changed, zoe@acme.example, attribute department, new "Sales", and nothing runs
event attribute changed, yan@acme.example, attribute department, new "Legal", and nothing runs
event attribute changed, yan@acme.example, attribute department, new "Finance", and nothing runs
event attribute changed, olga@acme.example, attribute department, old "Sales", new "Legal", and nothing runs
advance 1h
event attribute changed, zoe@acme.example, attribute title, old "AE", new "Lead", and nothing runs
event attribute changed, zoe@acme.example, attribute title, new "CRO", and nothing runs
event user suspended, yan@acme.example, and nothing runs
event attribute changed, yan@acme.example, attribute status, new "active", and nothing runs
advance 1h
# The first of several that still holds is what a run is for.
event group left, ceo@acme.example, group Execs, and nothing runs
advance 1h
