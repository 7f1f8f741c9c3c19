policy suspend
  for users
  on department changed to "Legal"
  then suspend user

policy after-suspension
  for users
  on user suspended
  then set title = "Away"

policy ping
  for users
  on title changed to "Ping"
  then set title = "Pong"

policy pong
  for users
  on title changed to "Pong"
  then set title = "Ping"

policy itself
  for users
  on user updated
  then set cost_center = "1", set cost_center = "2"
---
# What a run changes is an event for other policies, never for its own; and a chain has an end.
activate suspend by schedule
activate after-suspension by schedule
event attribute changed, zoe@acme.example, attribute department, new "Legal"
store user zoe@
activate itself by schedule
event user updated, yan@acme.example, by self, user {"locale": "fr"}
deactivate itself
activate ping by schedule
activate pong by schedule
event attribute changed, olga@acme.example, attribute title, new "Ping"
