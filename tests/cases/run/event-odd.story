policy off
  for users
  on (request "hr/offboard", event "badge lost")
  cancel on event "badge found"
  then wait 3d, notify owner

policy ours
  before user created
  require email ends with "@acme.example"
---
# What is odd about an event is said.
activate off
activate ours
event request, zoe@acme.example, path /hr/offboard/, at +2d
event request, zoe@acme.example, path hr/offboarding
event event, max@acme.example, name badge lost, at +30s
event event, max@acme.example, name badge gone
event attribute changed, zoe@acme.example, attribute manager, new "nobody@acme.example"
event user updated, zoe@acme.example, by api, user {"manager_email": "nobody@acme.example"}
event user created, new@acme.example, by api, user {"manager_email": "nobody@acme.example"}
event user created, new@acme.example, by api, user {"manager_email": "NEW@acme.example"}
event attribute changed, zoe@acme.example, attribute manager, new "max@acme.example"
event before user created, zoe@acme.example, by signup
event before user created, other@acme.example, by signup
# An open run listens, also where its policy is not active any more.
deactivate off
event event, max@acme.example, name badge found
event event, max@acme.example, name badge found
