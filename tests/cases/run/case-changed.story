policy movers
  for users
  on department changed
  when department = "sales"
  cancel on locale changed
  then wait 5d, add to group Execs

policy told
  for users
  on (lifecycle changed, title changed to "vp engineering", title changed from "VP Engineering", user updated)
  then notify admin "{{ user.email }}: {{ user.title }}"

policy centres
  for users
  on user.cost_center changed
  then notify admin "{{ user.email }}: {{ user.cost_center }}"
---
# Another case is no other value: nothing has changed, whoever tells of it, and the new spelling is
# kept.
activate movers by schedule
activate told by schedule
activate centres by schedule
event attribute changed, zoe@acme.example, attribute department, old "Sales", new "SALES"
event attribute changed, zoe@acme.example, attribute lifecycle, new "Active"
event attribute changed, dev.lead@acme.example, attribute title, new "vp ENGINEERING"
event user updated, yan@acme.example, user {"cost_center": "a"}
advance 1h
event user updated, yan@acme.example, user {"cost_center": "A"}
advance 1h
store user zoe
store user dev.lead
company identities.csv: Engineering,VP -> ENGINEERING,VP; identities.csv: Max,Øster -> MAX,Øster; identities.csv: Engineering,Engineer,dev.lead -> Engineering,ENGINEER,Dev.Lead
advance 1h
store event
